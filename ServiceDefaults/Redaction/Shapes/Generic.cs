using System.Buffers;
using static Aspire.Webhooks.ServiceDefaults.Redaction.RedactionPattern;

namespace Aspire.Webhooks.ServiceDefaults.Redaction.Shapes;

/// <summary>Credentials that their place or their format gives away, whoever issued them.</summary>
internal static class Generic
{
    // What an option or a statement is given, in quotation marks or not.
    private const string Value = """(?:"(?<secret>[^"\r\n]+)"?|'(?<secret>[^'\r\n]+)'?|(?<secret>[^\s"'|;&]+))""";

    // What a call is given in quotation marks, and the one that counts.
    private const string Text = """(?:"[^"\r\n]*"|'[^'\r\n]*')""";
    private const string Text2 = """(?:"(?<secret>[^"\r\n]+)"|'(?<secret>[^'\r\n]+)')""";

    // The rest of a command up to an option, also on lines that a backslash continues.
    private const string Options = """(?:(?:[^\r\n|;]|\\\r?\n){0,300}?[ \t\n])?""";

    // user:password or token:, in quotation marks or not.
    private const string UserAndPassword =
        @"(?:""[^""\r\n:]*:(?<secret>[^""\r\n]+)""|""(?<secret>[^""\r\n:]{8,}):"""
        + @"|'[^'\r\n:]*:(?<secret>[^'\r\n]+)'|'(?<secret>[^'\r\n:]{8,}):'"
        + @"|(?:""[^""\r\n]+""|[^\s:""']+):(?:""(?<secret>[^""\r\n]+)""|'(?<secret>[^'\r\n]+)'|(?<secret>[^\s""']+)))";

    // Up to what ends it, or to all that follows where the text was cut off. The body is base64, folded in real or in escaped
    // lines; a first line that is shorter is a sentence about such keys.
    private const string PrivateKey =
        @"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?(?:-----| ----)(?:[\s""'+,]|\\+[nrt]|%0[AaDd])*"
        + @"(?:[A-Za-z0-9+/=]{16}|Proc-Type|Version|Comment)"
        + @"(?:[^-]|-[^-])*(?:-----END[A-Z0-9 ]*-----|---- END[A-Z0-9 ]*----)?";

    private static readonly SearchValues<char> EndsOfAuthority = SearchValues.Create("/?# \"'`<>\\\r\n\t");
    private static readonly SearchValues<char> EndsOfAddress = SearchValues.Create(" \"'`<>\\\r\n\t");

    public static readonly RedactionPattern[] All =
    [
        // A word after it would be the sentence's: "bearer authentication".
        After("bearer token", ["bearer "], " *(?:[A-Za-z]*[0-9._~+/=-][A-Za-z0-9._~+/=-]{7,}|[A-Za-z]{16,})",
            isMeant: token => IsNoPlaceholder(token[token.LastIndexOf(' ')..].Trim())),
        After("basic authentication", ["basic "], " *(?<secret>[A-Za-z0-9+/]{10,}={1,2}|[A-Za-z+/]*[0-9][A-Za-z0-9+/]{11,})"),
        Found("password, or a token as the user, in a URL", ["://"], UserInfo),
        After("netrc", ["login ", "machine "],
            @"[^\s]{1,200}\s{1,20}(?:login\s{1,20}[^\s]{1,200}\s{1,20})?password\s{1,20}(?<secret>[^\s]+)",
            isMeant: IsNoPlaceholder),
        After("pgpass", [":5432:"], @"[^:\s]+:[^:\s]+:(?<secret>[^\s]+)", isMeant: IsNoPlaceholder),
        Command("curl", ["curl ", "jenkins-cli"],
            "-[A-Za-z]{0,8}u ?|--user[= ] *|-U ?|--proxy-user[= ] *|-auth +", UserAndPassword),
        After("HTTPie", ["http -a", "https -a", "http --auth", "https --auth"], "[= ] *[\"']?[^\\s:\"']+:(?<secret>[^\\s\"']+)",
            isMeant: IsNoPlaceholder),
        Command("MySQL's client", ["mysql ", "mysqldump ", "mysqladmin ", "mysqlimport ", "mariadb ", "mariadb-dump "], "-p"),
        Command("a password as -p", ["sshpass "], "-p ?"),
        Command("a password as -p",
            ["docker login", "podman login", "helm registry login", "skopeo login", "az login", "cf login", "oc login", "mongo ",
                "mongosh ", "mongodump ", "mongorestore ", "mongoexport ", "mongoimport ", "beeline ", "cqlsh ", "psexec ",
                "rdesktop ", "twine upload", "usermod ", "useradd "],
            "-p[= ]?"),
        Command("a password as -P", ["svn ", "p4 ", "mosquitto_pub ", "mosquitto_sub ", "sqlcmd ", "bcp ", "tsql ", "ipmitool "],
            "-P ?"),
        Command("a password as -pw", ["plink ", "pscp ", "psftp "], "-pw "),
        Command("a token as -t or -k", ["flyctl ", "nuget push"], "-[tk][= ]"),
        Command("Redis's client", ["redis-cli "], "-a ?"),
        After("login with a token",
            ["vault login", "vault token lookup", "cargo login", "snyk auth", "ngrok authtoken", "ngrok config add-authtoken"],
            " +(?<secret>[A-Za-z0-9][A-Za-z0-9._~+/-]{7,}={0,2})", isMeant: value => CredentialValue.IsMixed(value)),
        After("npm's settings", ["npm config set", "yarn config set"],
            @" +[^ \r\n]*(?i:authtoken|_password|_auth)[= ]+(?<secret>[^\s]+)", isMeant: IsNoPlaceholder),
        After("Windows' shares", ["net use "], @"(?:[A-Za-z*]:? +)?\\\\[^ \r\n]+ +(?:/user:[^ ]+ +)?(?<secret>[^/\s][^\s]*)",
            isMeant: IsNoPlaceholder),
        After("Windows' users", ["net user "], "[^ /]+ +(?<secret>[^/* \r\n][^ \r\n]*)",
            isMeant: value => CredentialValue.IsMixed(value)),
        After("wireless network", ["wpa_passphrase "], $"[^ ]+ +{Value}", isMeant: IsNoPlaceholder),
        Command("LDAP's client", ["ldapsearch ", "ldapmodify ", "ldapadd ", "ldapdelete ", "ldapwhoami ", "ldappasswd "], "-w ?"),
        Command("archive", ["unzip ", "zip "], "-P ?"),
        Command("archive", ["7z ", "7za ", "rar "], "-h?p"),
        Command("SNMP", ["snmpget ", "snmpwalk ", "snmpset "], "-A ?|-X ?"),
        Command("OpenSSL", ["openssl "], "-(?:pass|passin|passout|password)[ =]pass:|-k "),
        Command("OpenSSL", ["-pass", "-passin", "-passout"], "pass:"),
        Command("ssh-keygen", ["ssh-keygen "], "-N ?"),
        Command("Samba's client", ["smbclient ", "rpcclient "], "-U ?(?:\"?[^\\s%\"]+)%"),
        Command("remote desktop", ["xfreerdp ", "mstsc ", "cmdkey "], "/p:|/pass:"),
        Command("Kubernetes secret", ["kubectl "], "--from-literal[= ]\"?[^\\s=]+="),
        After("htpasswd", ["htpasswd "], "-[A-Za-z]{0,9}b[A-Za-z]{0,9} +[^ \r\n]{1,200} +(?<secret>[^\r\n|;&]+)",
            isMeant: IsNoPlaceholder),
        After("RabbitMQ", ["rabbitmqctl add_user ", "rabbitmqctl change_password "], $@"[^\s]+ +{Value}",
            isMeant: IsNoPlaceholder),
        After("SQL", ["identified by", "identified with"], $@"(?: +[A-Za-z0-9_]+ +(?i:by|as))? +(?i:values +)?{Value}",
            isMeant: IsNoPlaceholder),
        After("SQL", ["set password"], @"[^;\r\n]{0,80}?= *(?:[A-Za-z]+\()?'(?<secret>[^'\r\n]+)'", isMeant: IsNoPlaceholder),
        After("Oracle's user and password", ["oracle:thin:", "oracle:oci:", "oracle:oci8:"],
            @"@?[A-Za-z0-9_$#]{1,60}/(?<secret>[^@\s""'/]+)", isMeant: IsNoPlaceholder),
        After("Oracle's user and password", ["sqlplus ", "expdp ", "impdp ", "sqlldr ", "userid="],
            "(?:-[A-Za-z]{1,20} +){0,3}[A-Za-z0-9_$#]{1,60}/(?:\"(?<secret>[^\"\r\n]+)\"|(?<secret>[^@\\s\"'/]+))",
            isMeant: IsNoPlaceholder),
        After("a password by a pipe", ["echo ", "printf "],
            $@"(?:-[A-Za-z]+ +)?{Value}\s*\|[^\r\n|]{{0,100}}?(?:--password-stdin|--with-token|passwd|sudo -[A-Za-z]*S)",
            isMeant: IsNoPlaceholder),
        After("a password of PowerShell", ["ConvertTo-SecureString"],
            """ +(?:-String +)?(?:"(?<secret>[^"$\r\n][^"\r\n]*)"|'(?<secret>[^'\r\n]+)')""", isMeant: IsNoPlaceholder),
        After("a call with a user and a password",
            ["NetworkCredential(", "UsernamePasswordCredentials(", "BasicAuth(", "PasswordAuthentication(", "smtp.login("],
            $"{Text} *, *{Text2}", isMeant: IsNoPlaceholder),
        After("a call with a host, a user and a password", ["mysql_connect(", "mysqli_connect(", "getConnection(", "new PDO("],
            $"{Text} *, *{Text} *, *{Text2}", isMeant: IsNoPlaceholder),
        After("SNMP community", ["snmp-server community "], Value, isMeant: IsNoPlaceholder),
        After("password hash", ["$2a$", "$2b$", "$2y$"], "(?<secret>[0-9]{2}\\$[A-Za-z0-9./]{53})"),
        After("password hash", ["$1$", "$5$", "$6$", "$apr1$", "$argon2i$", "$argon2id$", "$argon2d$", "$y$",
                "pbkdf2_sha256$", "pbkdf2_sha1$", "pbkdf2:sha256:", "scrypt:32768:8:1$", "$scrypt$"],
            "(?<secret>[A-Za-z0-9./=,$+]{20,})"),
        After("password hash, LDAP", ["SSHA}", "SMD5}", "SSHA256}", "SSHA512}"], "(?<secret>[A-Za-z0-9+/]{20,}={0,2})"),
        After("private key, PEM or PGP", ["-----BEGIN", "---- BEGIN SSH2"], PrivateKey, spansLines: true),
        After("private key, NATS", ["NKEY SEED-----"], @"(?:[\s""'+,]|\\+[nrt])*(?<secret>S[A-Z2-7]{50,})", spansLines: true),
        Word("private key, BIP 32", ["xprv", "yprv", "zprv", "tprv"], "[1-9A-HJ-NP-Za-km-z]{100,}"),
        Word("private key, Nostr", ["nsec1"], "[a-z0-9]{58}"),
        After("private key, PuTTY", ["Private-Lines:"], @" [0-9]+(?<secret>(?:(?:[ \r\n]|\\+[nr])+[A-Za-z0-9+/=]{16,})+)",
            spansLines: true),
        Token("private key, age", ["AGE-SECRET-KEY-1", "AGE-SECRET-KEY-PQ-1"], "[A-Z0-9]{50,}"),
        // Encrypted ones may have an empty part.
        Word("JSON Web Token", ["eyJ"],
            @"[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}|\.\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{8,}){2})",
            notAfter: before => char.IsAsciiLetterOrDigit(before) || before is '-' or '_'),
        Token("PASETO",
            ["v1.local.", "v2.local.", "v3.local.", "v4.local.", "v1.public.", "v2.public.", "v3.public.", "v4.public."],
            "[A-Za-z0-9_-]{32,}"),
        // Cookies and antiforgery tokens of ASP.NET, sessions of Laravel: encrypted by the server, and good for a request.
        Token("ASP.NET Data Protection", ["CfDJ8"], "[A-Za-z0-9_-]{60,}"),
        Word("Laravel session", ["eyJpdiI6"], "[A-Za-z0-9+/]{60,}(?:={0,2}|(?:%3[Dd]){0,2})"),
        Token("Standard Webhooks", ["whsec_", "whsk_"], "[A-Za-z0-9+/=_-]{16,}"),
    ];

    private static RedactionPattern Command(string name, string[] commands, string options, string value = Value) =>
        After(name, commands, $"{Options}(?:{options}){value}", isMeant: IsNoPlaceholder);

    // curl -u user:password shows how it is called.
    private static bool IsNoPlaceholder(ReadOnlySpan<char> value) =>
        !CredentialValue.IsPlaceholder(value) && value is not ("password" or "pass" or "test");

    // user:password@host, token@host, token:x-oauth-basic@host. Most addresses have none of them, which is quickly seen.
    private static Range? UserInfo(ReadOnlySpan<char> text, int at)
    {
        var start = at + 3;
        var length = text[start..].IndexOfAny(EndsOfAuthority);
        var end = length < 0 ? text.Length : start + length;
        var colon = text[start..end].IndexOf(':');
        var sign = text[start..end].LastIndexOf('@');
        if (sign < 0 && colon >= 0 && end < text.Length && text[end] is '/' or '?' or '#'
            && text[(start + colon + 1)..end].IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            // A password with a slash in it; a port has digits only.
            var address = text[start..Math.Min(text.Length, start + 300)];
            address = address.IndexOfAny(EndsOfAddress) is >= 0 and var stop ? address[..stop] : address;
            sign = address.LastIndexOf('@');
        }

        if (sign < 0)
        {
            return null;
        }

        var user = colon >= 0 && colon < sign ? text.Slice(start, colon) : text.Slice(start, sign);
        var password = user.Length < sign ? text[(start + user.Length + 1)..(start + sign)] : default;
        if (password.IsEmpty || password is "x-oauth-basic" or "x" or "X")
        {
            var isWeb = text[Math.Max(0, at - 5)..at].EndsWith("http") || text[Math.Max(0, at - 5)..at].EndsWith("https");
            return !user.Contains('@') && !user.Contains("%40", StringComparison.Ordinal) && !CredentialValue.IsPlaceholder(user)
                && (CredentialValue.IsRandom(user) || (isWeb && CredentialValue.IsMixed(user)))
                ? start..(start + user.Length)
                : null;
        }

        return CredentialValue.IsPlaceholder(password) ? null : (start + user.Length + 1)..(start + sign);
    }
}
