using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Code hosts, package registries, continuous integration.</summary>
internal static class CodeHosting
{
    public static readonly RedactionPattern[] All =
    [
        // The shape of app tokens grows a second part.
        Token("GitHub", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], @"[A-Za-z0-9]{20,}[A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]{10,})*"),
        Token("GitHub app", ["ghs_", "ghu_"], @"[0-9]{1,12}_[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{10,})*"),
        Word("GitHub app, before 2021", ["v1."], "[a-f0-9]{40}"),
        Token("GitHub, fine-grained", ["github_pat_"], "[A-Za-z0-9_]{22,}"),
        Token("GitLab",
            ["glpat-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glptt-", "glft-", "glsoat-", "glimt-", "glagent-", "gloas-",
                "glffct-", "glwt-"],
            @"[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]{2,})*"),
        Token("GitLab runner registration", ["GR1348941"], "[A-Za-z0-9_-]{20,}"),
        Token("GitLab session", ["_gitlab_session="], "[a-f0-9]{32}"),
        Word("Bitbucket app password", ["ATBB"], "[A-Za-z0-9]{24,}"),
        Token("Bitbucket Data Center", ["BBDC-"], "[A-Za-z0-9+/@_-]{40,50}"),
        Assigned("Bitbucket", ["bitbucket"], "[A-Za-z0-9_-]{64}|[A-Za-z0-9]{32}"),
        Token("Gitea and Forgejo", ["gto_", "gta_"], "[A-Za-z0-9]{40,}"),
        Token("Sourcegraph", ["sgp_", "sgd_", "slk_"], "(?:[A-Fa-f0-9]{16}_|local_)?[A-Fa-f0-9]{40}"),
        Assigned("Sourcegraph", ["sourcegraph"], "[a-f0-9]{40}"),
        Word("Phabricator", ["api-", "cli-"], "[a-z0-9]{28}"),
        Token("npm", ["npm_"], "[A-Za-z0-9]{36,}"),
        Token("PyPI", ["pypi-"], "[A-Za-z0-9_-]{50,}"),
        Word("NuGet", ["oy2"], "[a-z0-9]{43}"),
        Token("RubyGems", ["rubygems_"], "[a-f0-9]{48}"),
        Word("crates.io", ["cio"], "[A-Za-z0-9]{32}"),
        Token("Packagist", ["packagist_uut_", "packagist_out_", "packagist_ack_", "packagist_acs_"], "[a-f0-9]{40,}"),
        Token("Clojars", ["CLOJARS_"], "[A-Za-z0-9]{60}"),
        Token("Docker Hub", ["dckr_pat_", "dckr_oat_"], "[A-Za-z0-9_-]{20,}"),
        Word("JFrog", ["AKCp", "cmVmd"], "[A-Za-z0-9]{58,}"),
        Assigned("JFrog", ["jfrog", "artifactory", "xray"], "[A-Za-z0-9]{73}|[A-Za-z0-9]{64}"),
        Token("CircleCI", ["CCIPAT_", "CCIPRJ_"], "[A-Za-z0-9_]{20,}"),
        Assigned("Travis CI", ["travisci", "travis-ci", "travis_"], "[A-Za-z0-9_-]{22}"),
        Token("Buildkite", ["bkua_", "bkct_", "bkat_", "bkpi_", "bkaj_"], "[A-Za-z0-9]{30,}"),
        Assigned("Drone CI", ["droneci", "drone_"], "[A-Za-z0-9]{32}"),
        Assigned("Codecov", ["codecov"], "[A-Za-z0-9]{32}|[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Token("SonarQube", ["squ_", "sqp_", "sqa_"], "[a-z0-9]{40}"),
        Assigned("SonarQube", ["sonar.login", "sonar_login"], "[a-f0-9]{40}"),
        Assigned("Snyk", ["snyk"], "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}"),
        Token("Snyk", ["snyk_uat.", "snyk_sat."], @"[A-Za-z0-9]{8}\.[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*"),
        // Of hexadecimal digits it is an id.
        Word("Octopus Deploy", ["API-"], "[A-Z0-9]{26,}", isMeant: key => key[4..].IndexOfAnyInRange('G', 'Z') >= 0),
        Token("Harness", ["pat.", "sat."], @"[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20}"),
        Word("Infracost", ["ico-"], "[A-Za-z0-9]{32}", notAfter: before => char.IsAsciiLetterOrDigit(before) || before == '.'),
        Token("Prefect", ["pnu_", "pnb_"], "[A-Za-z0-9]{36}"),
        Token("Postman", ["PMAK-"], "[a-f0-9]{24}-[a-f0-9]{34}"),
        Token("Readme", ["rdme_"], "[a-z0-9]{70}"),
        After("Sidekiq", ["BUNDLE_ENTERPRISE__CONTRIBSYS__COM", "BUNDLE_GEMS__CONTRIBSYS__COM"],
            """[ \t]*[:=][ \t]*["']?(?<secret>[a-f0-9]{8}:[a-f0-9]{8})"""),
        Token("1Password service account", ["ops_eyJ"], "[A-Za-z0-9+/=_-]{100,}"),
        Word("1Password secret key", ["A3-"], "[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}"),
    ];
}
