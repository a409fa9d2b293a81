using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Placeholders, code and prose are no values, and identifiers are no credentials.</summary>
public sealed class InnocentTextTests
{
    private const string Texts = """
        "next_token": "eyJtYXJrZXIiOiJhYmMxMjNkZWY0NTYifQ"
        nextPageToken=CAUQAA9xYz12AbQ7
        ?page_token=CAUQAA9xYz12AbQ7Xy&limit=5
        {"pagination_token":"abcDEF123456789xyz","continuationToken":"abcDEF123456789xyz"}
        {"NextToken":"abcDEF123456789xyz","Marker":"x"}
        {"authorization":"iauth_1CpMCe2eZvKYlo2C"}
        {"object":"issuing.authorization","id":"iauth_1CpMCe2eZvKYlo2C"}
        if (password == null)
        if (password === "") {
        if password is None:
        if not password:
        if (!password || password.length < 8)
        if token != nil && token.valid? {
        while (token != EOF)
        assert(token == expected)
        case Token::String:
        return token;
        throw new ArgumentNullException(nameof(password));
        const { token, user } = req.body;
        const [token, setToken] = useState("");
        let token;
        var password = prompt("Password:");
        password = input("Password: ")
        password = getpass.getpass()
        password = $("#password").val();
        password = request.form["password"]
        password = request.POST.get('password')
        password = params[:password]
        password: this.state.password,
        password: req.body.password,
        token: auth.token,
        token = os.environ["API_TOKEN"]
        token = os.getenv("API_TOKEN")
        token = Environment.GetEnvironmentVariable("API_TOKEN");
        token = System.getenv("API_TOKEN")
        token = process.env.API_TOKEN;
        token = config["Api:Token"];
        token = configuration.GetValue<string>("Token");
        token := os.Getenv("TOKEN")
        token, err := client.Token(ctx)
        token = jwt.sign(payload, secret, { expiresIn: '1h' })
        const hash = await bcrypt.hash(password, 10)
        jwt.verify(token, process.env.JWT_SECRET)
        public string? Token { get; init; } = null;
        private readonly string _token;
        password: String!
        token: Option<String>,
        pub token: String,
        password string `json:"password"`
        Token   string `json:"token,omitempty"`
        password = Column(String(255), nullable=False)
        password = models.CharField(max_length=128)
        password = forms.CharField(widget=forms.PasswordInput)
        password VARCHAR(255) NOT NULL
        password text not null,
        t.string :password_digest, null: false
        t.string "token", default: "", null: false
        add_column :users, :api_token, :string
        validates :password, presence: true
        validates :password, length: { minimum: 8 }
        password: z.string().min(8),
        password: Joi.string().required(),
        password: { type: String, required: true },
        password: { type: 'string', minLength: 8 },
        token: { type: DataTypes.STRING }
        @Column({ select: false }) password: string;
        @JsonProperty("password")
        @Value("${db.password}")
        $password = $_POST['password'];
        $token = $request->input('token');
        $this->token = $token;
        self.password = password
        this.password = password;
        user.password = newPassword
        def authenticate(username, password):
        func Login(user, password string) error {
        public void Login(string user, string password)
        function login(user, password) {}
        login(user, password);
        client = Client(token=token)
        client = Client(token=self.token, timeout=5)
        Client(api_key=settings.API_KEY)
        password=password,
        password => $password,
        'password' => $password,
        'password' => bcrypt($password),
        'password' => 'required|min:8',
        'password' => ['required', 'confirmed'],
        'password' => env('DB_PASSWORD', ''),
        password: <%= ENV["DB_PASSWORD"] %>
        password: ${{ secrets.DB_PASSWORD }}
        token: ${{ github.token }}
        password: $(db-password)
        password: "{{ db_password }}"
        password = var.db_password
        password = data.aws_secretsmanager_secret_version.db.secret_string
        password = random_password.db.result
        secret_id = aws_secretsmanager_secret.db.id
        kms_key_id = "alias/aws/rds"
        key_name = "deployer-key"
        permissions:⏎  id-token: write⏎  contents: read
        id-token: write
        pull-requests: write
        secrets: inherit
        with:⏎  token: ${{ secrets.GITHUB_TOKEN }}
        update webhooks.jobs set lease_token = $13
        lease_token = @lease_token
        where token = ?
        where token = :token and user_id = :user
        password = %s
        insert into users (name, password) values ($1, $2)
        insert into users (name, password) values (?, ?)
        select password from users where id = 1
        Your password has expired.
        Password: must contain a number
        Password: minimum 8 characters
        Password: at least 8 characters
        Password: Forgot it?
        Password: contact your administrator
        Passwords must match: yes
        Token: expired
        token: invalid
        token: missing
        token: "invalid"
        Error: token: not found
        Invalid token: ')'
        Unexpected token: '}'
        SyntaxError: Unexpected token < in JSON at position 0
        unexpected token at '{"a":1'
        The key: value format
        Secret: none
        API key: required
        API key: not configured
        api_key: string
        password - the password of the user
        token - the API token
        @param password the user's password
        @param {string} token - The token to verify
        :param token: the token to use
        --password <password>
        --password PASSWORD
        --token TOKEN
        Usage: app --password=<password> --user=<user>
        usage: login [-p password] user
        curl -u user:password https://example.com
        curl -u $USER:$PASS https://example.com
        curl -H "Authorization: Bearer $TOKEN" https://example.com
        mysql -u root -p
        mysql -u root -p db < dump.sql
        mysql -p$MYSQL_PASSWORD
        docker login -u $USER -p $PASS
        redis-cli -a $REDIS_PASSWORD
        tar -xpf a.tar
        mkdir -p /var/lib/app
        ssh -p 2222 host
        docker run -p 8080:80 image
        cp -p a b
        psql -p 5432 -h db
        postgres://$USER:$PASSWORD@localhost/db
        https://<user>:<password>@example.com
        DB_PASSWORD=
        DB_PASSWORD=""
        DB_PASSWORD=changeme
        API_KEY=your-api-key-here
        API_KEY=<your key>
        API_KEY=xxxxxxxx
        TOKEN=***
        TOKEN=[REDACTED]
        password=********&user=bob
        "password":"[FILTERED]"
        "token": "string"
        "token": "<token>"
        "token": null
        "token": true
        {"password":false,"token":null,"secret":""}
        {"tokens":1234,"max_tokens":4096,"total_tokens":55}
        {"usage":{"prompt_tokens":10,"completion_tokens":20}}
        tokens used: 1234
        Tokens: 1,234
        token count: 5
        token_count=512
        token limit: 4096
        3 tokens: a, b, c
        Tests passed: 12
        Pass: 12, Fail: 3
        PASS: test_login
        pass: 5 fail: 0
        12 passed, 3 failed
        bypass: true
        compass: north
        passenger: 4
        passengers=4
        passport: required
        passage: intro
        passive: on
        key: value
        key=value
        keys: a, b
        key: id
        key=ctrl+c
        Key: Title
        primary_key: user_id
        foreign_key = user_id
        sort_key: created_at
        cache_key: users/1-20260101
        cache-key: v1-deps-9f86d081884c7d659a2feaa0c55ad015
        partition_key=customer-1234
        idempotency_key: 01980f3a-7c1e-7b2a-9d3f-0123456789ab
        Idempotency-Key: 01980f3a-7c1e-7b2a-9d3f-0123456789ab
        public_key: ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7
        ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8cK3n7wqXkR5vY2bQ9t bob@example.com
        key_id: 01980f3a7c1e7b2a
        "kid": "01980f3a7c1e7b2a9d3f"
        keyboard: us
        keyword: hello
        keyframes: 0%
        author: Bob
        authors: ["Bob"]
        authority: example.com
        :authority: example.com
        authorized: true
        authorization: true
        auth: none
        auth: true
        auth: basic
        auth: "required"
        authentication: scram-sha-256
        authenticated=true
        oauth: enabled
        session: closed
        session=5
        session opened for user root by (uid=0)
        session: 12 min
        session_id: 5
        sid: 1000
        Sid=S-1-5-18
        uid=0 gid=0 sid=12
        cookie: yes
        cookies: enabled
        Cookie: none
        csrf: disabled
        pin: 13
        PIN 7 set HIGH
        pin=13
        otp: enabled
        code: 404
        code=0
        status code: 200
        error_code=E1234
        exit code: 1
        country_code: DE
        postal_code: 10115
        zip code: 94103
        currency_code=EUR
        verification_code: required
        security_code_check: pass
        "cvc_check": "pass"
        "cvc": "pass"
        sms: sent
        2fa: enabled
        mfa: true
        jwt: RS256
        bearer of bad news
        Bearer authentication is required
        basic understanding of arithmetic
        basic example of the api
        secret santa party
        Secretary: John
        secrets of the universe
        secret: false
        tokenizer: gpt2
        tokenize(text)
        tokenType: Bearer
        token_type=bearer&expires_in=3600
        token_endpoint: https://example.com/oauth/token
        "token_url": "https://example.com/token"
        tokenUri=https://example.com/token
        password_reset_url: https://example.com/reset
        "secret_name": "prod/db"
        SecretId: prod/db
        "SecretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod-AbCdEf"
        /run/secrets/db_password
        PASSWORD_FILE=/run/secrets/db_password
        POSTGRES_PASSWORD_FILE: /run/secrets/pg
        password: file:/etc/secret
        ssl_key=/etc/ssl/private/key.pem
        ssl_certificate_key /etc/ssl/private/example.key;
        private_key: ~/.ssh/id_rsa
        private_key = file("~/.ssh/id_rsa")
        IdentityFile ~/.ssh/id_rsa
        commit 9fceb02d0ae598e95dc970b74767f19372d61af8
        sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
        "etag": "W/\"9f86d081884c7d659a2feaa0c55ad015\""
        integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"
        trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7
        X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678
        x-request-id: 01980f3a-7c1e-7b2a-9d3f-0123456789ab
        {"id":"evt_1CpMCe2eZvKYlo2C","object":"event","type":"charge.succeeded"}
        {"client_id":"0oa1b2c3d4e5f6g7h8i9"}
        Access-Control-Allow-Headers: Authorization, X-Api-Key, X-Auth-Token
        sk-learn is a library; task-management, disk-usage and risk-analysis-framework-for-everyone
        desk-2a3b4c5d6e7f8g9h
        mask-abcdefghijklmnopqrstuvwxyz
        risk-abcdefghij1234567890
        wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY is the documentation's example
        data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==
        Subject: Your password was changed
        The password for user bob was changed by admin.
        User bob changed his password.
        password authentication failed for user "bob"
        FATAL: password authentication failed for user "postgres"
        Failed password for root from 10.0.0.1 port 22 ssh2
        Accepted publickey for root from 10.0.0.1 port 22 ssh2: RSA SHA256:9f86d081884c7d659a2feaa0c55ad015
        invalid credentials
        credentials: include
        credentials: 'same-origin'
        credentials: omit
        fetch(url, { credentials: "include" })
        "credentials": true
        Access-Control-Allow-Credentials: true
        creds: none
        tokens = text.split(" ")
        tokens.push(token)
        token.length
        for token in tokens:
        foreach (var token in tokens)
        tokens[0]
        token[i] = c;
        char token[256];
        char password[MAX_LEN];
        int token = 5;
        token = 0;
        password = "";
        password = '';
        password = nil
        password = undefined;
        secret = b""
        api_key = None
        "apiKey": ""
        tokenColors: []
        .token { color: red; }
        --token-color: #ff0000;
        token: #ff0000
        color-token: blue
        design token: spacing-4
        "tokens": {"color":{"primary":{"value":"#ff0000"}}}
        "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"
        Secret scanning found 0 secrets: done
        2 secrets found
        Environment variables: TOKEN, PASSWORD and SECRET
        Set TOKEN to your token.
        export TOKEN
        unset TOKEN
        echo $TOKEN
        TOKEN=$TOKEN ./run.sh
        TOKEN=$(vault read -field=token secret/x)
        TOKEN="$(cat token.txt)"
        password=$1
        password="$2"
        read -s password
        read -p "Password: " PASSWORD
        if [ -z "$TOKEN" ]; then echo "TOKEN is not set"; fi
        : "${TOKEN:?TOKEN must be set}"
        ENV["TOKEN"]
        ENV TOKEN=
        ARG TOKEN
        -e TOKEN
        env_file: .env
        The token "foo" is not valid
        token 'if' expected
        parse error near token 'end'
        column "password" does not exist
        relation "tokens" does not exist
        unknown field "token"
        missing field `token`
        missing required parameter: token
        parameter token: required
        no such key: password
        "message": "password is required"
        "errors": {"password": ["is too short", "can't be blank"]}
        {"errors":{"password":["The password field is required."]}}
        {"error":"invalid_token","error_description":"The access token expired"}
        {"error":{"code":"invalid_api_key","message":"Incorrect API key provided"}}
        WWW-Authenticate: Bearer error="invalid_token", error_description="The access token expired"
        "grant_type":"password","scope":"openid"
        grant_type=password&username=bob
        response_type=token
        "token_use":"access"
        {"type":"password"}
        {"kind":"token","value":"if"}
        {"kind":"Secret","metadata":{"name":"db"}}
        kind: Secret⏎metadata:⏎  name: db⏎  namespace: default
        secretName: db-credentials
        secretRef:⏎  name: db
        secretKeyRef:⏎  name: db⏎  key: password
        tokenExpirationSeconds: 3600
        automountServiceAccountToken: false
        serviceAccountToken:⏎  path: token
        Password reset for bob
        Token(type=IDENT, value=x)
        Token{kind=String, start=0}
        <Token kind="identifier" />
        ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)
        (using password: NO)
        login: root password: ******
        AuthToken: <redacted>
        Authorization: Basic
        WWW-Authenticate: Basic realm="example"
        Access-Control-Allow-Headers: Authorization, Content-Type, X-Api-Key
        Access-Control-Expose-Headers: Set-Cookie
        Vary: Authorization, Cookie, Accept-Encoding
        The Authorization header is missing.
        Missing header Authorization
        Authorization: none
        Authorization: required
        Authorization: Bearer {token}
        Authorization: Bearer <token>
        Authorization: Bearer YOUR_TOKEN
        Authorization: `Bearer ${token}`
        'Authorization': 'Bearer ' + token,
        headers.set("Authorization", "Bearer " + token);
        headers: { Authorization: `Bearer ${process.env.TOKEN}` }
        "Authorization": "Bearer {{token}}"
        services.AddAuthorization(options => options.AddPolicy("admin", p => p.RequireRole("admin")));
        authorization failed for user bob
        Cookie: accepted
        cookies: true
        cookie consent: yes
        <Password xmlns="urn:x"
        <input type="text" name="q" value="hello">
        <label for="password">Password</label>
        <input type="password" name="password" placeholder="Your password">
        <input type="password" name="password" autocomplete="current-password" required>
        <input type="password" name="password" value="">
        <p>Forgot your password?</p>
        <a href="/password/reset">Reset password</a>
        <Token/>
        <password/>
        <password></password>
        <xs:element name="password" type="xs:string"/>
        <xs:element name="token" type="xs:string" minOccurs="0"/>
        <span class="token keyword">const</span>
        <PublicKeyToken>b77a5c561934e089</PublicKeyToken>
        Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089
        <assemblyIdentity name="System.Runtime" publicKeyToken="b03f5f7f11d50a3a" culture="neutral" />
        <td>Password</td><td>required</td>
        <tr><td>Token</td><td>The token to use for authentication.</td></tr>
        {"name":"x","valueFrom":{"secretKeyRef":{"name":"db","key":"password"}}}
        - name: DB_PASSWORD⏎  valueFrom:⏎    secretKeyRef:⏎      name: db⏎      key: password
        {"name":"password","in":"formData","required":true,"type":"string","description":"The password to log in with."}
        {"name":"token","description":"The token."}
        {"parameters":[{"name":"token","in":"query","schema":{"type":"string"}}]}
        {"key":"key","value":"hello"}
        {"key":"token_type","value":"bearer"}
        ["token","user","value"]
        {"fields":["id","password","created_at"]}
        {"columns":["token","expires_at"],"rows":[]}
        {"required":["password","token"]}
        {"scopes":["read:token","write:token"]}
        {"name":"session","value":"closed"}
        {"label":"Password","type":"password","required":true}
        {"token":{"id":"tok_1CpMCe2eZvKYlo2C","object":"token","livemode":false}}
        {"secret":{"name":"db-credentials","namespace":"default","resourceVersion":"12345"}}
        {"authorization":{"id":5,"state":"ok"}}
        utm=1&next=%2Fa%3Fb%3D1
        https://x/?q=a%20b%26c
        100%25 sure
        https://x/?u=https%3A%2F%2Fy%2F%3Fpage%3D2%26sort%3Dname
        a%3Db%26c%3Dd
        https://user@example.com/
        ssh://git@github.com/o/r.git
        git@github.com:o/r.git
        mailto:bob@example.com
        https://example.com/@user/p
        """;

    private static readonly Redactor Redactor = new([]);

    /// <summary>One on each line; ⏎ is a line break.</summary>
    public static TheoryData<string> Lines => [.. Texts.Split('\n', StringSplitOptions.TrimEntries)];

    [Theory]
    [InlineData("- (id)hf_requiredCharacteristicTypesForDisplayMetadata;")]
    [InlineData("desktop-rhf_SponsoredProductsRemoteRHFSearchEXPSubsK2ClickPagination")]
    [InlineData("&hf_servingcellpriorityparametersdescription_h_prio")]
    [InlineData("GWw4hjABFzZCGiRpmlDyDdo87Jn9BN9THUA47muVRNunLxsa82tMAdvmrhOqNkRKiYMEAFbTJAIzaTesb6Tscfcni8vIpWZqNCXFDFslJtVSvFDq")]
    [InlineData("data:image/png;base64,iVBORw0KGgo/AIzaTesb6Tscfcni8vIpWZqNCXFDFslJtVSvFDqabcd123+x")]
    [InlineData("""{"next_token":"eyJtYXJrZXIiOiJhYmMxMjNkZWY0NTYifQ","nextPageToken":"CAUQAA9xYz12AbQ7"}""")]
    [InlineData("""{"object":"issuing.transaction","authorization":"iauth_1CpMCe2eZvKYlo2CXk7Qm2Lp"}""")]
    [InlineData("Postman-Token: 01980f3a-7c1e-7b2a-9d3f-0123456789ab")]
    [InlineData("if (password == null) { return; }")]
    [InlineData("if (password === undefined || password === '') throw new Error(\"password required\")")]
    [InlineData("update webhooks.jobs set state = $12, lease_token = $13 where id = $14")]
    [InlineData("lease_token = gen_random_uuid(), lease_until = now()")]
    [InlineData("where jobs.lease_token = o.token and lease_token is not null")]
    [InlineData("insert into users (name, password) values (@name, @password)")]
    [InlineData("Your password: see the mail")]
    [InlineData("Your password: must be at least 8 characters long.")]
    [InlineData("token: expired, please log in again")]
    [InlineData("SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON")]
    [InlineData("unexpected token: end of file")]
    [InlineData("password=")]
    [InlineData("Enter password: ")]
    [InlineData("getpass(\"Enter password: \")")]
    [InlineData("log(\"token: \" + token + \", user: \" + user)")]
    [InlineData("printf(\"password: %s\\n\", password);")]
    [InlineData("logger.info(\"token={}\", token)")]
    [InlineData("token = getToken(request)")]
    [InlineData("password = config.password")]
    [InlineData("apiKey: process.env.API_KEY,")]
    [InlineData("this.token = token;")]
    [InlineData("password: newPassword,")]
    [InlineData("const token = await client.tokens.create({ name })")]
    [InlineData("self.token = request.headers.get(\"x-token\")")]
    [InlineData("def login(user: str, password: str) -> Token:")]
    [InlineData("public string Password { get; set; }")]
    [InlineData("password: string; token?: string | null;")]
    [InlineData("password varchar(255) not null,")]
    [InlineData("tokens.map(token => token.id)")]
    [InlineData("TOKEN=${{ secrets.GITHUB_TOKEN }}")]
    [InlineData("TOKEN=$(cat /run/secrets/token)")]
    [InlineData("TOKEN=`cat /run/secrets/token`")]
    [InlineData("password: ${DB_PASSWORD}")]
    [InlineData("password: {{ .Values.password }}")]
    [InlineData("password: <your password>")]
    [InlineData("api_key: YOUR_API_KEY")]
    [InlineData("api_key=xxxxxxxxxxxxxxxx")]
    [InlineData("password: ********")]
    [InlineData("\"password\": \"[FILTERED]\"")]
    [InlineData("\"password\": null, \"token\": \"\"")]
    [InlineData("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("secret: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop-AbCdEf")]
    [InlineData("usage: login <user> <password> [<host>]")]
    [InlineData("password:\n  secretKeyRef:\n    name: db\n    key: password\n")]
    [InlineData("""{"password":{"type":"string","minLength":8},"required":["user","password"]}""")]
    [InlineData("""{"password":{"secretKeyRef":{"name":"db","key":"password"}}}""")]
    [InlineData("""{"type":"object","properties":{"token":{"type":"string","description":"A token."}}}""")]
    [InlineData("wtoken = AppWindowToken{9f4ef63 token=Token{a64f992 ActivityRecord{de9231d u0 com.example/.Main t761}}}")]
    [InlineData("Bad activity token: android.os.BinderProxy@2bd79ce")]
    [InlineData("Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2")]
    [InlineData("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=173.234.31.186")]
    [InlineData("Client attempting to renew session 0x14ede63a5a70004 at /10.10.34.13:37177")]
    [InlineData("Tests: 12 pass: 11 fail: 1, key: value, keys: 4")]
    [InlineData("rookTable = 0023452Lllk2KqjLBvaxANWEgTd7bqjsxjo8aZj0wd")]
    [InlineData("cache_key: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("xoxa-nyc/xoxa-nyc.github.io and 2018-250-xoxo-indieweb-1.jpg")]
    [InlineData("https://assets.example.com/video_box.ico-7a388b69018576d24b59331fd60aab0c.png")]
    public void It_stays_the_same_instance(string text) => Assert.Same(text, Redactor.Redact(text));

    [Theory]
    [MemberData(nameof(Lines))]
    public void Placeholders_code_and_prose_stay(string line)
    {
        var text = line.Replace('⏎', '\n');

        Assert.Same(text, Redactor.Redact(text));
    }
}
