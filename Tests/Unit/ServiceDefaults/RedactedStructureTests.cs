using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>In which structures a value belongs to a name. § is the value; what stands around it stays.</summary>
public sealed class RedactedStructureTests
{
    private const string Value = "Xk7Qm2Lp9Rt4Vz8nB3wY";
    private const string Other = "Tz5Hs8Jd1Fg6Nc4bK0aE";

    private static readonly Redactor Redactor = new([]);

    [Theory]
    [InlineData("<password>§</password>")]
    [InlineData("<Password>\n  §\n</Password>")]
    [InlineData("<password><![CDATA[§]]></password>")]
    [InlineData("<wsse:Password Type=\"http://docs.oasis-open.org/wss#PasswordText\">§</wsse:Password>")]
    [InlineData("<ns2:apiKey xmlns:ns2=\"urn:x\">§</ns2:apiKey><ns2:region>eu</ns2:region>")]
    [InlineData("<AdminPassword><Value>§</Value><PlainText>true</PlainText></AdminPassword>")]
    [InlineData("<connection user=\"bob\" password=\"§\" timeout=\"30\"/>")]
    [InlineData("<connection user='bob' password='§'/>")]
    [InlineData("<add key=\"ApiKey\" value=\"§\" />")]
    [InlineData("<add value=\"§\" key=\"ApiKey\"/>")]
    [InlineData("<entry name=\"clientToken\" type=\"text\" value=\"§\" />")]
    [InlineData("<property name=\"db.password\">§</property>")]
    [InlineData("<string name=\"google_api_key\">§</string>")]
    [InlineData("<setting name=\"Password\" serializeAs=\"String\">\n  <value>§</value>\n</setting>")]
    [InlineData("<name>DB_PASSWORD</name>\n<value>§</value>")]
    [InlineData("<key>password</key>\n\t<string>§</string>")]
    [InlineData("<dt>API key</dt><dd>§</dd>")]
    [InlineData("<tr><td>Password</td><td><code>§</code></td></tr>")]
    [InlineData("<input type=\"hidden\" name=\"authenticity_token\" value=\"§\" autocomplete=\"off\">")]
    [InlineData("<input value=\"§\" type=\"password\" name=\"field\">")]
    [InlineData("<meta name=\"csrf-token\" content=\"§\">")]
    [InlineData("<b>Token:</b> <code>§</code>")]
    [InlineData("<secret>{AQAAABAAA §}</secret>", "{AQAAABAAA §}")]
    [InlineData("&lt;password&gt;§&lt;/password&gt;")]
    public void In_markup(string text, string cut = "§") => Check(text, cut);

    [Theory]
    [InlineData("""{"value":"§","name":"DB_PASSWORD"}""")]
    [InlineData("""{"Name":"DB_PASSWORD","Value":"§","Scope":"all"}""")]
    [InlineData("""{"Key":"api_key","Value":"§"}""")]
    [InlineData("""{"headers":[{"name":"X-Api-Key","value":"§"},{"name":"Accept","value":"*/*"}]}""")]
    [InlineData("""{"key":"password","value":{"stringValue":"§"}}""")]
    [InlineData("""{"value":{"stringValue":"§"},"key":"password"}""")]
    [InlineData("""{"password":{"S":"§"},"user":{"S":"bob"}}""")]
    [InlineData("""{"password":{"from":"§","to":"§"},"name":{"from":"bob","to":"eve"}}""")]
    [InlineData("""{"changes":[{"field":"password","old":"§","value":"§"}]}""")]
    [InlineData("""["X-Api-Key","§"]""")]
    [InlineData("""{"rawHeaders":["Host","example.com","Authorization","§"]}""")]
    [InlineData("""{"headers":{"Authorization":["§"],"Accept":["*/*"]}}""")]
    [InlineData("""{"headers":{"Cookie":"sid=§"}}""", "sid=§")]
    [InlineData("""{"multiValueHeaders":{"set-cookie":["sid=§; Path=/","b=§"]}}""", "sid=§; Path=/", "b=§")]
    [InlineData("""{"cookies":[{"name":"connect.sid","value":"§","path":"/"}]}""")]
    [InlineData("""{"Api Key":"§"}""")]
    [InlineData("""{"api.key":"§"}""")]
    [InlineData("""{"tokens":["§","§"]}""")]
    [InlineData("""{"a":{"b":[{"c":{"password":"§"}}]},"d":1}""")]
    public void In_json(string text, params string[] cuts) => Check(text, cuts);

    [Theory]
    [InlineData("env:\n  - name: DB_PASSWORD\n    value: §\n  - name: DB_HOST\n    value: db\n")]
    [InlineData("env:\n  - value: §\n    name: DB_PASSWORD\n")]
    [InlineData("password: |\n  §\nuser: bob\n")]
    [InlineData("password: >-\n    §\nuser: bob\n")]
    [InlineData("password:\n  §\nuser: bob\n")]
    [InlineData("tokens:\n  - §\n  - §\nuser: bob\n")]
    [InlineData("password: !!str §\nuser: bob\n")]
    [InlineData("password: { from: '§', to: '§' }\nuser: bob\n")]
    [InlineData("config: {user: bob, password: §, port: 5432}")]
    [InlineData("{'password': {'S': '§'}, 'user': 'bob'}")]
    [InlineData("{'name': 'DB_PASSWORD', 'value': '§', 'scope': 'all'}")]
    [InlineData("['name' => 'api_key', 'value' => '§']")]
    [InlineData("set(\"X_TOKEN\", \"§\");")]
    [InlineData("System.setProperty(\"db.password\",\"§\")")]
    [InlineData("os.environ.get('API_TOKEN', '§')")]
    [InlineData("headers.Add(\"X-Api-Key\", \"§\"); headers.Add(\"Accept\", \"*/*\");")]
    [InlineData("define('DB_PASSWORD', '§');")]
    [InlineData("new SecretClient().withPassword(\"§\").build()")]
    [InlineData(
        "--boundary\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n§\r\n--boundary\r\nContent-Disposition: "
            + "form-data; name=\"user\"\r\n\r\nbob\r\n")]
    [InlineData("request: {\"user\":\"bob\",\"pass\\u0077ord\":\"§\"} answered 200")]
    public void In_configuration_and_code(string text) => Check(text);

    [Theory]
    [InlineData("token = §")]
    [InlineData("token=§")]
    [InlineData("token: §")]
    [InlineData("token := \"§\"")]
    [InlineData("TOKEN ::= \"§\"")]
    [InlineData("TOKEN :::= \"§\"")]
    [InlineData("TOKEN ?= §")]
    [InlineData("TOKEN += \"§\"")]
    [InlineData("$token .= \"§\";")]
    [InlineData("$token ??= \"§\";")]
    [InlineData("token ||= '§'")]
    [InlineData("token == \"§\"")]
    [InlineData("process.env.API_TOKEN || \"§\"")]
    [InlineData("process.env.API_TOKEN ?? '§'")]
    [InlineData("os.getenv('API_TOKEN') or '§'")]
    [InlineData("${API_TOKEN:-§}", "-§")]
    [InlineData("token => \"§\"")]
    [InlineData("$config->token = '§';")]
    [InlineData("token <- \"§\"")]
    [InlineData("String apiToken = \"§\";")]
    [InlineData("var apiToken string = \"§\"")]
    [InlineData("let apiToken: String = \"§\"")]
    [InlineData("api_token: Optional[str] = '§'")]
    [InlineData("const char api_token[] = \"§\";")]
    [InlineData("apiToken := `§`")]
    [InlineData("api_token = b'§'")]
    [InlineData("api_token = \"\"\"§\"\"\"")]
    [InlineData("let token = String::from(\"§\");")]
    [InlineData("declare @password varchar(20) = '§'")]
    [InlineData("| Password | § |")]
    [InlineData("| **Token** | `§` |")]
    [InlineData("**Password:** §")]
    [InlineData("- **API key**: `§`")]
    [InlineData("apiToken,§,more")]
    [InlineData("\"apiToken\",\"§\",\"more\"")]
    [InlineData("\"{\"\"password\"\":\"\"§\"\"}\"")]
    [InlineData("password = \"§\" # of the database")]
    public void With_an_operator(string text, string cut = "§") => Check(text, cut);

    [Theory]
    [InlineData("curl -sS -u bob:§ https://example.com/")]
    [InlineData("curl -u 'bob:§' https://example.com/")]
    [InlineData("curl -X POST --user \"bob:§\" https://example.com/")]
    [InlineData("curl -X POST \\\n  -u bob:§ \\\n  https://example.com/")]
    [InlineData("curl -u \":§\" https://example.com/")]
    [InlineData("curl -u \"§:\" https://example.com/")]
    [InlineData("curl --oauth2-bearer § https://example.com/", "bearer §")]
    [InlineData("mysql -u root -p§ shop")]
    [InlineData("mysqldump --password=§ shop")]
    [InlineData("sshpass -p § ssh bob@example.com")]
    [InlineData("sshpass -p '§' ssh bob@example.com")]
    [InlineData("docker login -u bob -p § registry.example.com")]
    [InlineData("redis-cli -h example.com -a § ping")]
    [InlineData("mongosh --host example.com -u bob -p §")]
    [InlineData("ldapsearch -x -D cn=admin -w § -b dc=example")]
    [InlineData("unzip -P § archive.zip")]
    [InlineData("7z x -p§ archive.7z")]
    [InlineData("openssl rsa -in key.pem -passin pass:§ -out key")]
    [InlineData("openssl enc -aes-256-cbc -k § -in a -out b")]
    [InlineData("sqlcmd -S example.com -U sa -P §")]
    [InlineData("smbclient //example.com/share -U bob%§")]
    [InlineData("htpasswd -b .htpasswd bob §", "bob §")]
    [InlineData("kubectl create secret generic db --from-literal=anything=§")]
    [InlineData("docker run -e DB_PASSWORD=§ -p 80:80 image")]
    [InlineData("java -Djavax.net.ssl.keyStorePassword=§ -jar app.jar")]
    [InlineData("keytool -list -keystore a.jks -storepass §")]
    [InlineData("deploy --token § --dry-run")]
    [InlineData("deploy --api-key \"§\" --dry-run")]
    [InlineData("PGPASSWORD=§ psql -h example.com")]
    [InlineData("machine example.com login bob password §")]
    [InlineData("requirepass §")]
    [InlineData("example.com:5432:shop:bob:§")]
    public void On_a_command_line(string text, string cut = "§") => Check(text, cut);

    [Theory]
    [InlineData("create user bob identified by '§';")]
    [InlineData("CREATE USER 'bob'@'%' IDENTIFIED WITH mysql_native_password BY '§';")]
    [InlineData("ALTER ROLE bob WITH ENCRYPTED PASSWORD '§';")]
    [InlineData("CREATE LOGIN bob WITH PASSWORD = N'§';")]
    [InlineData("SET PASSWORD FOR 'bob'@'%' = PASSWORD('§');")]
    [InlineData("update users set password = '§' where id = 1")]
    [InlineData("Pwd=§;Server=example.com")]
    [InlineData("Server=example.com;User Id=sa;Password=§;Encrypt=true")]
    [InlineData("Server=example.com;Password=\"§\";Encrypt=true")]
    [InlineData("Driver={ODBC Driver 18};Server=example.com;PWD={§};", "{§}")]
    [InlineData("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=§==;EndpointSuffix=core.windows.net", "§==")]
    [InlineData("Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=§=", "§=")]
    [InlineData("example.com:6379,password=§,ssl=True")]
    [InlineData("host=example.com password=§ dbname=shop")]
    [InlineData("jdbc:oracle:thin:scott/§@//example.com:1521/shop")]
    [InlineData("jdbc:mysql://example.com/shop?user=bob&password=§&useSSL=true")]
    [InlineData("jdbc:sqlserver://example.com;user=sa;password=§;encrypt=true")]
    [InlineData("sqlplus scott/§@shop")]
    public void In_sql_and_connection_strings(string text, string cut = "§") => Check(text, cut);

    [Theory]
    [InlineData("https://example.com/?token=§&user=5")]
    [InlineData("https://example.com/?a=1&amp;token=§&amp;user=5")]
    [InlineData("user[password]=§&user[name]=bob")]
    [InlineData("user%5Bpassword%5D=§&user%5Bname%5D=bob")]
    [InlineData("user%255Bpassword%255D=§&user%255Bname%255D=bob")]
    [InlineData("state%3Dx%26token%3D§%26user%3D5")]
    [InlineData("https://example.com/?next=https%3A%2F%2Fother.example%2F%3Ftoken%3D§%26user%3D5&more=1")]
    [InlineData("https://example.com/?next=https%253A%252F%252Fother.example%252F%253Ftoken%253D§%2526user%253D5&more=1")]
    [InlineData("https://example.com/?next=https%3A%2F%2Fbob%3A§%40other.example%2Fa&more=1")]
    [InlineData("payload=%7B%22token%22%3A%22§%22%2C%22user%22%3A5%7D")]
    [InlineData("pass%77ord=§&user=5")]
    [InlineData("&quot;token&quot;:&quot;§&quot;,&quot;user&quot;:5")]
    [InlineData("https://§@github.com/owner/repository.git")]
    [InlineData("https://§:x-oauth-basic@github.com/owner/repository.git")]
    [InlineData("https://§:@api.example.com/v1")]
    [InlineData("https://bob:§@example.com:8443/a?b=c")]
    [InlineData("amqp://bob:a/§@example.com:5672/shop", "a/§")]
    [InlineData("""{"body":"{\"note\":\"{\\\"password\\\":\\\"§\\\",\\\"user\\\":5}\"}"}""")]
    [InlineData("""msg="{\"password\":\"§\",\"user\":5}" level=info""")]
    [InlineData("""{"url":"https:\/\/example.com\/?next=https%3A%2F%2Fo%2F%3Ftoken%3D§%26user%3D5"}""")]
    public void In_what_is_encoded(string text, string cut = "§") => Check(text, cut);

    [Theory]
    [InlineData("https://x7Kq9w@example.com/", "https://***redacted***@example.com/")]
    [InlineData("https://bob@example.com/", "https://bob@example.com/")]
    [InlineData("https://bob%40example.com@mail.example.com/", "https://bob%40example.com@mail.example.com/")]
    [InlineData("https://example.com:8080/path@v2?a=b", "https://example.com:8080/path@v2?a=b")]
    public void A_user_in_an_address_counts_when_it_looks_like_a_token(string text, string expected) =>
        Assert.Equal(expected, Redactor.Redact(text));

    [Fact]
    public void What_one_place_gave_away_is_taken_out_everywhere()
    {
        Assert.Equal(
            """{"token":"***redacted***","message":"bad token ***redacted***","***redacted***":1}""",
            Redactor.Redact($$"""{"token":"{{Value}}","message":"bad token {{Value}}","{{Value}}":1}"""));
        Assert.Equal(
            """{"message":"\u0062ad ***redacted***!","password":"***redacted***"}""",
            Redactor.Redact("""{"message":"\u0062ad correct horse\u0020battery!","password":"correct horse battery"}"""));
        Assert.Equal(
            "login with password=***redacted*** failed: ***redacted*** is wrong",
            Redactor.Redact($"login with password={Value} failed: {Value} is wrong"));
        // A word of ordinary text is none elsewhere.
        Assert.Equal(
            """{"password":"***redacted***","status":"completed","id":"12345678"}""",
            Redactor.Redact("""{"password":"completed","status":"completed","id":"12345678"}"""));
        Assert.Equal(
            """{"otp":"***redacted***","note":"your code is ***redacted***","n":"***redacted***"}""",
            Redactor.Redact("""{"otp":"492817","note":"your code is 492817","n":492817}"""));
        Assert.Equal(
            """{"password":"***redacted***","note":"bad password ***redacted***, see swordfishing"}""",
            Redactor.Redact("""{"password":"swordfish","note":"bad password swordfish, see swordfishing"}"""));
    }

    // § stands for a value in the text and is all that goes, or what of the text is given.
    private static void Check(string text, params string[] cuts)
    {
        foreach (var value in (string[])[Value, Other])
        {
            var expected = (cuts.Length == 0 ? ["§"] : cuts)
                .Aggregate(text, (left, cut) => left.Replace(cut, Redactor.Replacement, StringComparison.Ordinal));

            Assert.Equal(expected, Redactor.Redact(text.Replace("§", value, StringComparison.Ordinal)));
        }
    }
}
