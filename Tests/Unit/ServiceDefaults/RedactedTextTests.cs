using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>
/// Texts as people and programs write them, one on each line. § is the credential and all that goes. ⏎ and ⇥ are a line
/// break and a tab. Where a line begins with ~, only a value that looks random counts; elsewhere a human's password does, too.
/// </summary>
public sealed class RedactedTextTests
{
    private const string Headers = """
        map[Accept:[*/*] Authorization:[SSWS §]]
        Headers: {authorization=[SSWS §], accept=[*/*]}
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("SSWS", "§");
        Authorization: Bearer⏎ §
        X-Api-Key: §
        x-api-key: "§"
        X-Amz-Security-Token: §
        X-Goog-Api-Key: §
        apikey: §
        Api-Key: §
        DD-API-KEY: §
        DD-APPLICATION-KEY: §
        X-Shopify-Access-Token: §
        X-Figma-Token: §
        X-Vault-Token: §
        PRIVATE-TOKEN: §
        Private-Token: §
        X-Auth-Key: §
        X-Auth-Token: §
        X-MBX-APIKEY: §
        X-Parse-REST-API-Key: §
        X-Session-Token: §
        X-Session-Id: §
        CF-Access-Client-Secret: §
        ~Fastly-Key: §
        X-Functions-Key: §
        X-Redmine-API-Key: §
        X-TrackerToken: §
        Circle-Token: §
        X-Access-Token: §
        X-Hasura-Admin-Secret: §
        X-Forwarded-Access-Token: §
        """;

    private const string Markup = """
        <password>§</password>
        <password>⏎  §⏎</password>
        <Password encrypted="false">§</Password>
        <password><value>§</value></password>
        <entry><key>password</key><value>§</value></entry>
        <entry><string>password</string><string>§</string></entry>
        <d2p1:KeyValueOfstringstring><d2p1:Key>password</d2p1:Key><d2p1:Value>§</d2p1:Value></d2p1:KeyValueOfstringstring>
        <member><name>password</name><value><string>§</string></value></member>
        <Parameter><ParameterKey>DbPassword</ParameterKey><ParameterValue>§</ParameterValue></Parameter>
        <add name="Db" connectionString="Server=x;Password=§;Encrypt=true"/>
        <server><id>x</id><username>u</username><password>§</password></server>
        <param name="password" value="§"/>
        <param value="§" name="password"/>
        <env name="DB_PASSWORD">§</env>
        <Parameter Name="pwd">§</Parameter>
        <data name="Password" xml:space="preserve"><value>§</value></data>
        <data name="Password" xml:space="preserve">⏎    <value>§</value>⏎  </data>
        <credentials username="x" password="§"/>
        <input type="password" value="§">
        <input type='password' value='§' id='f'>
        <input name=password value=§>
        <input id="api_key" value="§"/>
        <input type='hidden' name='__RequestVerificationToken' value='§' />
        <meta content="§" name="csrf-token">
        <meta name="csrf-token" content="§" />
        <textarea name="token">§</textarea>
        <td>Password:</td><td>§</td>
        <tr><th>Token</th><td>§</td></tr>
        <tr>⏎  <td>Token</td>⏎  <td>§</td>⏎</tr>
        <li>Password: §</li>
        <p>Password: <b>§</b></p>
        <label>Password</label><input value="§">
        <strong>Password</strong>: §<br>
        <strong>Password:</strong> §<br>
        <key>Password</key><string>§</string>
        <key>apiKey</key>⏎⇥<data>§</data>
        <wsse:Password Type="http://x#PasswordDigest">§</wsse:Password>
        <wsse:BinarySecurityToken EncodingType="x">§</wsse:BinarySecurityToken>
        <SessionId>§</SessionId>
        <!-- password: § -->
        <!-- <password>§</password> -->
        <div data-api-key="§"></div>
        <script data-token='§'></script>
        <user name="bob" password="§"/>
        {"xml":"<password>§<\/password>"}
        {"xml":"<password>§</password>"}
        {"xml":"<add key=\"ApiKey\" value=\"§\"/>"}
        {"xml":"\u003cpassword\u003e§\u003c/password\u003e"}
        &lt;password&gt;§&lt;/password&gt;
        &lt;add key=&quot;ApiKey&quot; value=&quot;§&quot;/&gt;
        %3Cpassword%3E§%3C%2Fpassword%3E
        <![CDATA[<password>§</password>]]>
        <input⏎  type="hidden"⏎  name="csrf_token"⏎  value="§"⏎/>
        <string name="api_key">§</string>
        <add key="ClearTextPassword" value="§" />
        <add key="X" value="y"/><add key="ApiKey" value="§"/><add key="Z" value="w"/>
        <add key="Token"⏎     value="§" />
        <Value key="password">§</Value>
        <field name="password"><![CDATA[§]]></field>
        <password type="string">§</password>
        <password xsi:type="xsd:string">§</password>
        <Attribute Name="password"><AttributeValue>§</AttributeValue></Attribute>
        <user><name>bob</name><password>§</password
        <setting name="Password" serializeAs="String"><value>§</value></setting>
        <config password='§' />
        <bean><property name="password"><value>§</value></property></bean>
        <dt>Token</dt>⏎<dd><code>§</code></dd>
        <td><b>API key</b></td><td><code>§</code></td>
        <ns:clientSecret>§</ns:clientSecret>
        <AccessToken>§</AccessToken><ExpiresIn>3600</ExpiresIn>
        <SecretAccessKey>§</SecretAccessKey>
        <PASSWORD>§</PASSWORD>
        <item><title>password</title><content>§</content></item>
        <span id="token">§</span>
        <a href="https://x/?token=§&amp;user=5">x</a>
        <credential><user>bob</user><pass>§</pass></credential>
        """;

    private const string Structures = """
        {"value":"§","name":"DB_PASSWORD"}
        {"Name":"DB_PASSWORD","Value":"§"}
        {"k":"password","v":"§"}
        {"field":"password","oldValue":"§","newValue":"§"}
        {"field":"password","from":"§","to":"§"}
        {"op":"replace","path":"/password","value":"§"}
        [{"op":"add","path":"/users/1/password","value":"§"}]
        {"property":"password","previous":"§","current":"§"}
        {"variable":"TOKEN","content":"§"}
        {"ParameterKey":"DbPassword","ParameterValue":"§"}
        {"OptionName":"DB_PASSWORD","Value":"§"}
        {"name":"password","type":"String","value":"§"}
        {"Env":["PATH=/bin","DB_PASSWORD=§"]}
        {"Name":"/prod/db/password","Type":"SecureString","Value":"§"}
        {"SecretString":"§"}
        {"entry":{"key":"password","value":"§"}}
        {"key":"http.request.header.authorization","value":{"arrayValue":{"values":[{"stringValue":"§"}]}}}
        {"key":"password","value":{"stringValue":"§"}}
        {"attributes":[{"key":"user","value":{"stringValue":"bob"}},{"key":"db.password","value":{"stringValue":"§"}}]}
        {"password":{"S":"§"}}
        {"password":{"SS":["§","§"]}}
        {"M":{"password":{"S":"§"},"user":{"S":"bob"}}}
        {"NewImage":{"password":{"S":"§"},"Id":{"N":"101"}}}
        {"password":{"before":"§","after":"§"}}
        {"password":{"old":"§","new":"§"}}
        {"password":{"oldValue":"§","newValue":"§"}}
        {"password":["§","§"]}
        {"changes":{"password":[null,"§"]}}
        {"password":{"$value":"§"}}
        {"password":{"value":"§","type":"secret"}}
        {"password":{"#text":"§"}}
        {"password":{"plaintext":"§"}}
        {"password":{"secret":"§"}}
        {"token":{"access":"§","refresh":"§"}}
        {"tokens":{"github":"§","gitlab":"§"}}
        {"credentials":{"github":"§"}}
        {"secrets":{"A":"§","B":"§"}}
        {"credentials":{"username":"bob","password":"§"}}
        ["X-Api-Key","§"]
        [["X-Api-Key","§"],["Accept","*/*"]]
        ["Host","example.com","X-Api-Key","§"]
        ("X-Api-Key","§")
        ("X-Api-Key", '§')
        {"X-Api-Key", "§"}
        set("X_TOKEN","§")
        setenv("TOKEN", "§", 1);
        putenv("TOKEN=§");
        env.put("TOKEN","§");
        localStorage.setItem('token', '§');
        config.set('db.password', '§')
        os.environ["TOKEN"] = "§"
        os.environ['TOKEN']='§'
        process.env.TOKEN = '§'
        ENV TOKEN §
        ENV TOKEN=§
        ARG TOKEN=§
        export TOKEN=§
        export TOKEN='§'
        set TOKEN=§
        setx TOKEN §
        setx TOKEN "§"
        $env:TOKEN="§"
        $env:TOKEN = '§'
        setenv TOKEN §
        [System.Environment]::SetEnvironmentVariable("TOKEN","§")
        Map.of("token", "§")
        new KeyValuePair<string, string>("token", "§")
        Pair("token", "§")
        { "token", "§" },
        ["token"] = "§",
        ("token", "§"),
        :token => "§"
        token: "§",
        'token' => '§',
        "token" -> "§"
        token = { "§" }
        {"name":"token","in":"header","value":"§"}
        env:⏎  - name: DB_PASSWORD⏎    value: "§"⏎  - name: X⏎    value: y
        - {name: DB_PASSWORD, value: §}
        - { name: "DB_PASSWORD", value: "§" }
        - key: password⏎  value: "§"
        - value: "§"⏎  key: password
        password: |⏎  §⏎next: 1
        password: >⏎  §⏎next: 1
        token:⏎  value: §
        token:⏎  value: "§"⏎  type: secret
        environment:⏎  - DB_PASSWORD=§⏎  - X=y
        environment:⏎  DB_PASSWORD: §
        passwords:⏎- §⏎- §⏎
        password: &pw §
        password: !vault |⏎  §
        [auth]⏎token = "§"
        [database]⏎password=§
        spring.datasource.password=§
        spring.datasource.password: §
        variable "db_password" {⏎  type    = string⏎  default = "§"⏎}
        variable "db_password" { default = "§" }
        {"variables":{"db_password":{"value":"§","sensitive":true}}}
        {"cookies":[{"name":"JSESSIONID","value":"§"}]}
        {"cookies":{"sessionid":"§"}}
        {"cookies":{"foo":"§"}}
        --b⏎Content-Disposition: form-data; name="password"⏎⏎§⏎--b--
        --b⏎Content-Disposition: form-data; name="password"⏎Content-Type: text/plain; charset=utf-8⏎⏎§⏎--b--
        --b⏎content-disposition: form-data; name=password⏎⏎§⏎--b--
        {"body":"--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n§\r\n--b--"}
        {"kind":"Secret","data":{"password":"§"}}
        {"fields":[{"id":"password","type":"CONCEALED","label":"password","value":"§"}]}
        {"login":{"username":"bob","password":"§","totp":null}}
        password (string): §
        key="token" value="§"
        key: token, value: §
        name=token;value=§
        {name: "token", value: "§"}
        { name: 'token', value: '§' }
        {"token","§"}
        token=>§
        {:name=>"token", :value=>"§"}
        {"label":"Password","value":"§"}
        {"question":"Password","answer":"§"}
        {"name":"secret_key","old":"§","new":"§"}
        {"password":{"type":"plain","data":"§"}}
        {"password":[{"value":"§"}]}
        {"arguments":["--password","§"]}
        ["--token=§"]
        {"args":"--password § --user bob"}
        """;

    private const string Operators = """
        token .= "§"
        token ?= §
        token += "§"
        token ??= "§"
        token || "§"
        token->"§"
        $cfg->token = "§";
        token == "§"
        token === '§'
        token != "§"
        token := "§"
        token => "§"
        token =~ "§"
        token -> "§"
        token <- "§"
        token <<< "§"
        token → §
        token::"§"
        token = @"§"
        token = r"§"
        token = $"§"
        token = '''§'''
        token = ("§")
        token = (§)
        token = ["§"]
        token = { "§" };
        token = new String("§");
        token = String::from("§");
        token = Some("§".to_string());
        token = "§".to_owned();
        token = Buffer.from("§")
        token = b"§"
        token = os.getenv("TOKEN", "§")
        token = os.environ.get("TOKEN") or "§"
        token = ENV["TOKEN"] || "§"
        token = ENV.fetch("TOKEN", "§")
        token = process.env.TOKEN ?? "§"
        token: str = "§"
        token: Optional[str] = "§"
        token: string = "§"
        token?: string = '§'
        val token: String = "§"
        var token: String? = "§"
        let token = "§"
        const token = '§';
        private static final String TOKEN = "§";
        public const string Token = "§";
        string token = "§";
        char *token = "§";
        const char* token = "§";
        char token[] = "§";
        char token[64] = "§";
        std::string token{"§"};
        std::string token("§");
        NSString *token = @"§";
        static NSString * const kToken = @"§";
        my $token = '§';
        $token = "§";
        local token = "§"
        token <- "§"
        (def token "§")
        (setq token "§")
        DECLARE @token NVARCHAR(50) = N'§'
        dim token as string = "§"
        #define TOKEN "§"
        ~#define API_KEY §
        token="§"; other="x"
        token='§' other='x'
        TOKEN=§ ./run.sh
        | Token | § |
        | Token | `§` |
        |Token|§|
        │ Token │ § │
        ║ Token ║ § ║
        Token ⇥§
        Token⇥§
        Token    §
        ~Token ~ §
        | user | password |⏎|------|----------|⏎| bob | § |
        | user | password | role |⏎|---|---|---|⏎| bob | § | admin |⏎| eve | § | user |
        user,password,role⏎bob,§,admin
        user;password⏎bob;§
        user⇥password⇥role⏎bob⇥§⇥admin
        "user","password"⏎"bob","§"
         id | password⏎----+----------⏎  1 | §
        +----+----------+⏎| id | password |⏎+----+----------+⏎|  1 | § |⏎+----+----------+
        Password: `§`
        **Token**: §
        **Token:** §
        *Token:* §
        __Token__: §
        `TOKEN`: `§`
        - Token: §
        * token = §
        1. Token: §
        > Token: §
        Token: "§".
        (token: §)
        [token: §]
        {token: §}
        <token: §>
        token: § (expires soon)
        token=§, user=bob
        token=§;user=bob
        token=§&user=bob
        token="§",user="bob"
        token=[§] user=[bob]
        token='§'
        token=“§”
        token=«§»
        token: ‘§’
        token is "§"
        the token is `§`
        with token "§"
        with password '§'
        using password "§"
        my password is "§"
        password -- "§"
        ~password – §
        ~password — §
        """;

    private const string Commands = """
        curl -u a:§
        curl -ua:§ https://x
        curl --user a:§ https://x
        curl --user=a:§ https://x
        curl -sSLu a:§ https://x
        curl -d 'user=bob&password=§' https://x
        curl -d '{"password":"§"}' https://x
        curl --data-urlencode "token=§"
        curl -b "session=§" https://x
        curl -x http://u:§@proxy:8080 https://x
        curl --proxy-user u:§ https://x
        wget --password=§ https://x
        wget --http-password=§ https://x
        wget --http-user=u --http-passwd=§ https://x
        http -a u:§ https://x
        https --auth u:§ example.com
        mysql -p§
        mysql -u root -p§ db
        mysql -uroot -p'§' db
        mysql -h x -u root --password='§'
        mysqladmin -u root password '§'
        mysqldump -uroot -p§ db > x.sql
        PGPASSWORD=§ psql
        psql "host=h user=u password=§"
        psql postgresql://u:§@h/db
        mongo -u u -p § --authenticationDatabase admin
        mongosh "mongodb://u:§@h/db"
        mongodump -u u -p=§
        redis-cli -a §
        redis-cli --pass §
        redis-cli -u redis://:§@h:6379
        sqlcmd -S h -U sa -P '§' -Q "select 1"
        sqlplus u/§@h
        sqlplus u/§
        sqlplus -s u/"§"@h
        bcp db.dbo.t out f -U sa -P §
        beeline -u jdbc:hive2://h -n u -p §
        cqlsh h -u u -p §
        snowsql -u u --password §
        clickhouse-client --password §
        influx -username u -password '§'
        sshpass -p § ssh u@h
        sshpass -p'§' ssh u@h
        plink -pw § u@h
        pscp -pw § f u@h:
        smbclient -U u%§ //h/s
        mount -t cifs -o username=u,password=§ //h/s /m
        net use \\h\s § /user:u
        net use \\h\s /user:u §
        net user bob § /add
        cmdkey /add:h /user:u /pass:§
        psexec \\h -u u -p § cmd
        xfreerdp /u:u /p:§ /v:h
        rdesktop -u u -p § h
        openssl rsa -passin pass:§ -in k
        openssl pkcs12 -export -passout pass:§
        openssl pkcs12 -in a.p12 -password pass:§
        openssl enc -aes-256-cbc -k § -in a
        openssl enc -aes-256-cbc -pass pass:§ -in a
        gpg --batch --passphrase § -d f
        gpg --passphrase='§' -d f
        keytool -genkey -storepass § -keypass §
        jarsigner -storepass § a.jar
        zip -P § a.zip f
        zip -r -P § a.zip f
        unzip -P § a.zip
        7z a -p§ a.7z f
        rar a -hp§ a.rar f
        rar a -p§ a.rar f
        ansible-playbook -e "ansible_password=§" p.yml
        docker login -u u -p § r
        docker login --username u --password § r
        docker run -e TOKEN=§ i
        docker run --env TOKEN=§ i
        docker build --build-arg TOKEN=§ .
        podman login -p § r
        helm install --set db.password=§ x
        helm repo add r https://x --username u --password §
        kubectl --token=§ get pods
        kubectl --token § get pods
        kubectl create secret docker-registry r --docker-password=§
        kubectl create secret generic x --from-literal=password=§
        oc login --token=§
        oc login -u u -p § h
        az login -u u -p §
        az login --service-principal -u x -p § --tenant t
        az storage blob list --account-key §
        aws configure set aws_secret_access_key §
        gcloud auth print --access-token=§
        git clone https://u:§@github.com/o/r.git
        git clone https://§@github.com/o/r.git
        echo § | docker login --password-stdin
        echo § | gh auth login --with-token
        npm publish --otp=§
        npm config set //packages.example.com/:_authToken §
        _auth=§
        nuget push a.nupkg -ApiKey §
        dotnet nuget push a.nupkg -k §
        dotnet nuget push a.nupkg --api-key §
        dotnet user-secrets set "Db:Password" "§"
        dotnet user-secrets set Db:Password §
        twine upload -u u -p § dist/*
        mvn deploy -Dpassword=§
        gradle publish -PapiKey=§
        java -Djavax.net.ssl.keyStorePassword=§ -jar a.jar
        vault login §
        vault login token=§
        vault kv put secret/x password=§
        consul kv get -token=§ x
        terraform apply -var password=§
        terraform apply -var="password=§"
        htpasswd -nb u §
        echo '§' | passwd --stdin u
        echo § | sudo -S ls
        ldapsearch -x -D cn=a -w § -b dc=x
        ldapsearch -x -D cn=a -w '§' -b dc=x
        snmpwalk -v3 -u u -A § -X § h
        ipmitool -I lanplus -H h -U u -P § power on
        nmcli dev wifi connect x password §
        wpa_passphrase ssid §
        tailscale up --authkey §
        tailscale up --auth-key=§
        ngrok authtoken §
        ngrok config add-authtoken §
        stripe login --api-key §
        flyctl deploy -t §
        fly deploy --access-token §
        sentry-cli --auth-token § releases list
        sonar-scanner -Dsonar.token=§
        snyk auth §
        s3cmd --access_key=A --secret_key=§ ls
        mosquitto_pub -u u -P § -t x -m y
        svn co --username u --password § https://x
        p4 -u u -P § sync
        java -jar jenkins-cli.jar -auth u:§ x
        wp user create bob b@x --user_pass=§
        cargo login §
        cargo publish --token §
        pip install --index-url https://u:§@x/simple p
        rclone copy --s3-secret-access-key § a b
        swaks --auth-user u --auth-password § --to x
        curl --pass § --cert c https://x
        app --password=§ --x
        app --password § --x
        app --password="§" --x
        app -password § -x
        app -password=§
        app /password:§ /x
        app --db-password § --x
        app --api-key=§
        app --secret §
        app -token §
        app -t § --token §
        $ConvertTo-SecureString "§" -AsPlainText -Force
        $p = ConvertTo-SecureString -String '§' -AsPlainText -Force
        New-Object System.Net.NetworkCredential("u", "§")
        New-Object PSCredential("u", (ConvertTo-SecureString "§" -AsPlainText -Force))
        auth=("u", "§")
        requests.get(url, auth=("u", "§"))
        auth: { username: "u", password: "§" }
        HTTPBasicAuth('u', '§')
        new UsernamePasswordCredentials("u", "§")
        smtp.login("u@x.com", "§")
        connect(host="h", user="u", passwd="§", db="d")
        mysql_connect("h", "u", "§")
        mysqli_connect("h", "u", "§", "d")
        new PDO("mysql:host=h", "u", "§")
        DriverManager.getConnection("jdbc:mysql://h/d", "u", "§")
        """;

    private const string Sql = """
        create user u identified by '§';
        CREATE USER u IDENTIFIED BY §
        CREATE USER u IDENTIFIED BY "§" DEFAULT TABLESPACE x
        ALTER USER u IDENTIFIED BY §;
        CREATE USER u@'%' IDENTIFIED WITH mysql_native_password BY '§'
        CREATE USER u@'%' IDENTIFIED WITH mysql_native_password AS '§'
        CREATE USER u IDENTIFIED WITH plaintext_password BY '§'
        GRANT ALL ON *.* TO 'u'@'h' IDENTIFIED BY '§' WITH GRANT OPTION
        CREATE USER u PASSWORD '§'
        CREATE USER u WITH PASSWORD '§'
        CREATE ROLE u LOGIN PASSWORD '§'
        ALTER USER u PASSWORD '§'
        ALTER USER u WITH ENCRYPTED PASSWORD '§';
        alter role u password '§' valid until 'x'
        CREATE LOGIN u WITH PASSWORD = '§'
        CREATE LOGIN u WITH PASSWORD=N'§', DEFAULT_DATABASE=x
        ALTER LOGIN u WITH PASSWORD = '§' OLD_PASSWORD = '§'
        SET PASSWORD FOR u = PASSWORD('§')
        SET PASSWORD = '§'
        CREATE MASTER KEY ENCRYPTION BY PASSWORD = '§'
        CREATE CREDENTIAL c WITH IDENTITY = 'u', SECRET = '§'
        CHANGE MASTER TO MASTER_HOST='h', MASTER_USER='u', MASTER_PASSWORD='§'
        INSERT INTO users (name, password) VALUES ('bob', '§')
        INSERT INTO users(password,name) VALUES ('§','bob')
        insert into t (id, api_token, x) values (1, '§', 'y'), (2, '§', 'z')
        UPDATE users SET password='§' WHERE id=1
        select * from users where password = '§'
        CREATE USER MAPPING FOR u SERVER s OPTIONS (user 'u', password '§')
        CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY § USING 'x'
        CREATE SECRET s (TYPE s3, KEY_ID 'A', SECRET '§')
        dblink('host=h password=§', 'select 1')
        Pwd=§;Server=h
        Server=h;Database=d;Uid=u;Pwd=§;
        Server=h;User Id=u;Password='§';
        Data Source=h;Initial Catalog=d;User ID=u;Password=§
        DSN=x;UID=u;PWD=§
        Provider=Microsoft.Jet.OLEDB.4.0;Data Source=a.mdb;Jet OLEDB:Database Password=§;
        AccountName=a;AccountKey=§;EndpointSuffix=core.windows.net
        Endpoint=sb://x/;SharedAccessKeyName=R;SharedAccessKey=§
        HostName=h;DeviceId=d;SharedAccessKey=§
        jdbc:oracle:thin:scott/§@
        jdbc:oracle:thin:scott/§@h:1521:x
        jdbc:oracle:thin:scott/§@//h:1521/x
        jdbc:oracle:oci:@scott/§
        oracle://scott:§@h/x
        jdbc:postgresql://h/d?user=u&password=§
        jdbc:mysql://u:§@h/d
        jdbc:sqlserver://h;databaseName=d;user=u;password=§;
        jdbc:db2://h:50000/d:user=u;password=§;
        mongodb+srv://u:§@h/d
        redis://:§@h:6379/0
        redis://u:§@h
        amqps://u:§@h/v
        postgres://u:§@h/d?sslmode=require
        mssql+pyodbc://u:§@h/d
        ldap://cn=a:§@h
        smtp://u%40x.com:§@h:587
        ftp://u:§@h/f
        https://u:§@h/p
        sftp://u:§@h
        h:6379,password=§
        host=h port=5432 user=u password=§ dbname=d
        host=h;port=1;secret=§;x=y
        requirepass §
        masterauth §
        bindpw §
        rootpw §
        psk="§"
        wpa_passphrase=§
        enable password §
        enable secret §
        username admin password §
        username admin password 0 §
        username admin secret §
        snmp-server community § RO
        set system root-authentication plain-text-password §
        machine h login u password §
        machine h⏎  login u⏎  password §
        h:5432:*:u:§
        localhost:5432:d:u:§
        "auth": "§"
        define('DB_PASSWORD', '§');
        : PSK "§"
        secret "§";
        password "§";
        password '§';
        password: "§"
        USER bob⏎PASS §⏎
        """;

    private const string Encoded = """
        https://x/?u=https%3A%2F%2Fy%2F%3Ftoken%3D§%26a%3D1
        https://x/?u=https%253A%252F%252Fy%252F%253Ftoken%253D§%2526a%253D1
        https://x/?u=https%25253A%25252F%25252Fy%25252F%25253Ftoken%25253D§
        user%5Bpassword%5D=§
        user%5Bpassword%5D=§&user%5Bname%5D=bob
        user%255Bpassword%255D%3D§
        user[password]=§
        https://§@h/p
        https://u:§@h
        git+https://§@github.com/o/r
        url=https%3A%2F%2Fu%3A§%40h%2Fp
        redirect=https%3A%2F%2F§%40h%2Fp&x=1
        {"url":"https://x/?u=https%3A%2F%2Fy%2F%3Ftoken%3D§"}
        {"url":"https:\/\/x\/?token=§"}
        "https:\/\/u:§@h\/p"
        \u0074oken=§
        {"pass\u0077ord":"§"}
        {"\u0070\u0061\u0073\u0073\u0077\u006f\u0072\u0064":"§"}
        {\"pass\\u0077ord\":\"§\"}
        "{\"password\":\"§\"}"
        "\"{\\\"password\\\":\\\"§\\\"}\""
        {"a":"{\"b\":\"{\\\"password\\\":\\\"§\\\"}\"}"}
        payload=%7B%22password%22%3A%22§%22%7D
        payload=%7B%22password%22%3A+%22§%22%7D
        p%61ssword=§
        %70assword=§
        %70%61%73%73%77%6F%72%64=§
        password%3D§
        password%3d§
        password&#61;§
        pass&#119;ord=§
        pass&#x77;ord=§
        pass\x77ord=§
        token\x3d§
        token\u003d§
        token\u003D§\u0026user\u003D5
        &quot;password&quot;:&quot;§&quot;
        &#34;password&#34;:&#34;§&#34;
        &amp;quot;password&amp;quot;:&amp;quot;§&amp;quot;
        password%20%3D%20§
        %22password%22%3A%22§%22
        %2522password%2522%253A%2522§%2522
        #access_token=§&token_type=bearer
        https://x/cb#access_token=§&expires_in=3600
        https://x/cb#id_token=§
        https://x/?client_secret=§&code=1
        https://x/?api_key=§
        https://x/?apikey=§
        https://x/?pass=§
        https://x/?pwd=§&x=1
        https://x/?auth=§
        https://x/?sid=§
        https://x/?session=§
        ~https://x/?code=§&state=1
        https://x/page;JSESSIONID=§
        https://x/?a=b&password=§
        GET /login?user=bob&password=§ HTTP/1.1
        "GET /login?user=bob&password=§ HTTP/1.1" 200 12
        Referer: https://x/reset?token=§
        state=eyJ0b2tlbiI6IjEifQ&token=§
        next=%2Flogin%3Ftoken%3D§%26x%3D1&y=2
        """;

    private static readonly Redactor Redactor = new([]);

    public static TheoryData<string> In(string texts) => [.. texts.Split('\n', StringSplitOptions.TrimEntries)];

    [Theory]
    [MemberData(nameof(In), Headers)]
    public void In_headers(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Markup)]
    public void In_markup(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Structures)]
    public void In_documents_and_code(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Operators)]
    public void Behind_operators_and_in_tables(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Commands)]
    public void On_command_lines(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Sql)]
    public void In_sql_connection_strings_and_settings(string text) => Check(text);

    [Theory]
    [MemberData(nameof(In), Encoded)]
    public void In_what_is_encoded(string text) => Check(text);

    private static void Check(string line)
    {
        var text = line.TrimStart('~').Replace('⏎', '\n').Replace('⇥', '\t');
        foreach (
            var value in (string[])[
                "Xk7Qm2Lp9Rt4Vz8nB3wY", "Tz5Hs8Jd1Fg6Nc4bK0aE", .. line[0] == '~' ? [] : (string[])["hunter2x"]])
        {
            Assert.Equal(
                text.Replace("§", Redactor.Replacement, StringComparison.Ordinal),
                Redactor.Redact(text.Replace("§", value, StringComparison.Ordinal)));
        }
    }
}
