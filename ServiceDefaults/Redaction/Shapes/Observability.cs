using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Logs, metrics, errors, on-call, analytics, hardware in the field.</summary>
internal static class Observability
{
    private const string Uuid = "[a-f0-9]{8}(?:-[a-f0-9]{4}){3}-[a-f0-9]{12}";

    public static readonly RedactionPattern[] All =
    [
        Assigned("Datadog", ["datadog", "dd_ap", "dd-ap"], "[a-f0-9]{40}|[a-f0-9]{32}"),
        Token("Datadog", ["ddapp_", "ddpat_"], "[A-Za-z0-9]{30,}"),
        Token("New Relic", ["NRAK-", "NRAA-", "NRJS-", "NRII-", "NRSP-", "NRRA-", "NRIQ-", "NRBR-"], "[A-Za-z0-9_-]{19,}"),
        // A licence's key ends so.
        Found("New Relic", ["NRAL"], (text, at) => Around(text, at, 4, 40..40, 0..0)),
        Assigned("New Relic", ["newrelic", "new_relic", "new-relic"], "[A-Za-z0-9]{64}|[a-f0-9]{40}"),
        Token("Grafana", ["glsa_"], "[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
        Token("Grafana Cloud", ["glc_"], "[A-Za-z0-9+/]{32,}={0,3}"),
        Word("Grafana, legacy", ["eyJrIjoi"], "[A-Za-z0-9+/]{40,}={0,3}"),
        Token("Sentry", ["sntrys_", "sntryu_", "sntrya_", "sntryi_"], "[A-Za-z0-9+/=_-]{40,}"),
        Assigned("Sentry", ["sentry"], "[a-f0-9]{64}"),
        Token("Dynatrace", ["dt0c01.", "dt0s01.", "dt0s02.", "dt0s03.", "dt0s06.", "dt0s08.", "dt0s16."],
            @"[A-Z0-9]{8,24}\.[A-Z0-9]{64}"),
        Token("Honeycomb", ["hcaik_", "hcxik_", "hcamk_", "hcbik_", "hcmik_"], "[A-Za-z0-9]{30,}"),
        Assigned("Honeycomb", ["honeycomb"], "[a-f0-9]{32}|[A-Za-z0-9]{22}"),
        Token("Honeybadger", ["hbp_"], "[A-Za-z0-9]{36}"),
        Assigned("Rollbar", ["rollbar"], "[a-f0-9]{32}"),
        Assigned("Bugsnag", ["bugsnag"], "[a-f0-9]{32}"),
        Assigned("Raygun", ["raygun"], "[A-Za-z0-9+/]{22}=="),
        Assigned("PagerDuty", ["pagerduty", "pager_duty", "pager-duty"], "[a-f0-9]{32}|[A-Za-z0-9_+-]{20}"),
        Assigned("Opsgenie", ["opsgenie"], Uuid),
        Assigned("Splunk", ["splunk"], Uuid),
        Assigned("Sumo Logic", ["sumologic", "sumo_logic", "sumo-logic"], "[A-Za-z0-9]{64}|su[A-Za-z0-9]{12}"),
        Assigned("Logz.io", ["logzio", "logz.io"], "[A-Za-z]{32}"),
        Assigned("Loggly", ["loggly"], Uuid),
        Assigned("Coralogix", ["coralogix"], $"{Uuid}|cxtp_[A-Za-z0-9]{{30}}"),
        Token("Axiom", ["xaat-", "xapt-", "xait-"], Uuid),
        Assigned("Better Stack", ["logtail", "betterstack", "better_stack"], "[A-Za-z0-9]{24}"),
        After("Loggly's or Sumo Logic's collector",
            [".loggly.com/inputs/", ".loggly.com/bulk/", ".sumologic.com/receiver/v1/http/"], "(?<secret>[A-Za-z0-9_=-]{30,})"),
        After("PagerDuty integration", ["events.pagerduty.com/integration/"], "(?<secret>[a-f0-9]{32})"),
        After("heartbeat", ["hc-ping.com/", "/api/v1/heartbeat/"], "(?<secret>[A-Za-z0-9-]{20,})"),
        Assigned("Statuspage", ["statuspage"], $"{Uuid}|[a-f0-9]{{64}}"),
        Assigned("Checkly", ["checkly"], "cu_[a-f0-9]{32}|[a-f0-9]{32}"),
        Assigned("Codacy", ["codacy"], "[A-Za-z0-9]{20}"),
        Token("PostHog", ["phx_", "phs_"], "[A-Za-z0-9]{40,}"),
        Assigned("Mixpanel", ["mixpanel"], "[a-f0-9]{32}"),
        Assigned("Amplitude", ["amplitude"], "[a-f0-9]{32}"),
        Assigned("Segment", ["segment_write", "segment-write", "segmentio"], "[A-Za-z0-9]{32}"),
        Token("Adafruit", ["aio_"], "[A-Za-z0-9]{28}"),
        Assigned("Adafruit", ["adafruit"], "[a-z0-9_-]{32}"),
        Assigned("Particle", ["particle_"], "[a-f0-9]{40}"),
        Assigned("Cisco Meraki", ["meraki"], "[a-f0-9]{40}"),
        Assigned("OpenWeather", ["openweather", "owm_"], "[a-f0-9]{32}"),
        Assigned("Clearbit", ["clearbit"], "sk_[a-f0-9]{32}"),
        Assigned("VirusTotal", ["virustotal", "vt_api"], "[a-f0-9]{64}"),
        Assigned("Shodan", ["shodan"], "[A-Za-z0-9]{32}"),
        Assigned("Censys", ["censys"], "censys_[A-Za-z0-9_]{20,}"),
        Token("SettleMint", ["sm_aat_", "sm_pat_", "sm_sat_"], "[A-Za-z0-9]{16}"),
    ];
}
