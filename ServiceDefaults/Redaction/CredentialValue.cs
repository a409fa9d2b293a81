using System.Buffers;
using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>The one rule of values: what under a credential's name is one, and what only stands in its place.</summary>
internal static class CredentialValue
{
    // Longer values are credentials or no values at all; to look at them again and again would not be linear.
    public const int MaxJudged = 512;

    // Shorter values that are learnt would shred a text.
    private const int MinTelling = 6;

    // How much of a credential a mask may leave.
    private const int MaxUnmasked = 8;

    // Kinds of characters.
    private const int Digit = 1;
    private const int Small = 2;
    private const int Capital = 3;

    private static readonly SearchValues<char> Punctuation = SearchValues.Create(".,:;\"\\{}[]");
    private static readonly SearchValues<char> Base64 =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/=_-");

    private static readonly SearchValues<char> Masks = SearchValues.Create("xX*#-_.?");
    private static readonly SearchValues<char> Blank = SearchValues.Create(" \t\r\n");

    // What validation says of a field's value.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Verbs = (
        "is are was has must should can cannot can't may does needs need please required invalid missing incorrect wrong too not")
        .Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Placeholders = new[]
    {
        "null", "nil", "none", "undefined", "true", "false", "yes", "no", "on", "off", "nan", "n/a", "na", "tbd", "todo", "empty",
        "default", "redacted", "hidden", "masked", "filtered", "removed", "omitted", "protected", "encrypted", "secret_here",
        "token_here", "changeme", "change_me", "change-me", "replaceme", "replace_me", "replace-me", "placeholder", "example",
        "dummy", "unset", "string", "str", "int", "integer", "number", "bool", "boolean", "bytes", "object", "any", "text",
        "varchar", "char", "password?", "optional", "securestring", "function", "struct", "class", "type",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    // One credential follows, and behind it something else.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Schemes = new[]
    {
        "bearer", "basic", "token", "apikey", "api-key", "api-token", "negotiate", "ntlm", "bot", "jwt", "digest",
        "aws4-hmac-sha256",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    // What validation says of a field's value, and a status. None of them is one's value.
    private const string States =
        "required optional missing invalid valid expired incorrect wrong unknown changed updated reset accepted rejected "
            + "denied failed "
        + "empty refreshed revoked disabled enabled allowed forbidden unauthorized unsupported unexpected configured verified "
            + "confirmed "
        + "granted supported allow deny inherit omit include same-origin read write nullable";

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> StateWords = Words(States);

    // What a sentence goes on with behind a name and a colon.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Prose = Words(
        States
        + " a an the this that these it its is are was were be been has have had not no never for from to into in on of at by "
            + "with without via "
        + "or and but if when where which who why how what as so than then there here your you my our their his her one any "
            + "all only also must "
        + "should shall can cannot could may might will would please see use used using set get let make try enter type check "
            + "end too same does "
        + "do did given provided found created generated sent received expected contact ask choose pick click copy create "
            + "forgot leave keep "
        + "minimum maximum between whatever something anything each every both after before until during about against under "
            + "because unless "
        + "while just still already again soon once completed pending active inactive approved closed opened ready skipped "
            + "ignored present "
        + "absent readonly siehe bitte");

    /// <summary>Whether the value is a credential under a name of this kind.</summary>
    public static bool Is(ReadOnlySpan<char> value, NameKind kind)
    {
        value = value.Trim();
        if (kind == NameKind.None || IsPlaceholder(value))
        {
            return false;
        }

        return kind switch
        {
            NameKind.Authorization => !IsAuthorizationId(value) && !IsLoneScheme(value),
            // Numbers below 100 count and switch things.
            NameKind.Certain or NameKind.Cookie => value.Length > 2 || !IsNumber(value),
            NameKind.Code => (value.Length is >= 3 and <= 10 && IsNumber(value)) || IsMixed(value),
            NameKind.Mixed => IsMixed(value),
            NameKind.Random => IsRandom(value),
            _ => value.Length >= 20 && IsRandom(value) && !IsHex(value),
        };
    }

    /// <summary>
    /// Where else in the text a credential's value is one: where it can be told from the words of ordinary text.
    /// </summary>
    public static Telling Tells(ReadOnlySpan<char> value)
    {
        if (value.Length is < MinTelling or > MaxJudged || value.Contains('\\')
            || value.Contains(Redactor.Replacement, StringComparison.Ordinal) || IsPlaceholder(value) || IsProse(value))
        {
            return Telling.Nothing;
        }

        return value.Length < SecretForms.MinimumLength ? IsMixed(value) || IsNumber(value) ? Telling.AsWord : Telling.Nothing
            : IsMixed(value) ? Telling.Everywhere
            : value.ContainsAny(Blank) ? value.Length >= 12 && value.Count(' ') is > 0 and < 8 && !value.ContainsAny(Punctuation)
                ? Telling.Everywhere : Telling.Nothing
            : value.ContainsAny(Punctuation) ? Telling.Nothing
            : Telling.AsWord;
    }

    /// <summary>Whether one credential follows, and behind it something else.</summary>
    public static bool IsScheme(ReadOnlySpan<char> word) => Schemes.Contains(word);

    /// <summary>Whether it is a word that a sentence goes on with behind a name and a colon.</summary>
    public static bool IsProse(ReadOnlySpan<char> word) => Prose.Contains(word);

    /// <summary>
    /// Whether it stands for a value without being one: nothing, a mask, a variable, a reference to where it is.
    /// </summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        if (value.Length > MaxJudged)
        {
            return false;
        }

        if (value.IsEmpty || Placeholders.Contains(value) || IsMask(value))
        {
            return true;
        }

        return IsVariable(value) || IsEnclosed(value) || IsPlace(value) || IsSentence(value)
            || value.StartsWith("your", StringComparison.OrdinalIgnoreCase) && value.Length > 4
                && !char.IsAsciiLetterOrDigit(value[4])
            || value.StartsWith("arn:", StringComparison.Ordinal)
            || value.StartsWith("ENC[", StringComparison.Ordinal)
            || value.StartsWith("op://", StringComparison.Ordinal)
            || value.StartsWith("@Microsoft.KeyVault(", StringComparison.Ordinal);
    }

    /// <summary>Whether it is no word and no number: characters of more than one kind.</summary>
    public static bool IsMixed(ReadOnlySpan<char> value)
    {
        if (IsRandom(value))
        {
            return true;
        }

        if (value.Length is < 6 or > MaxJudged || value.ContainsAny(Blank)
            || value.Contains(Redactor.Replacement, StringComparison.Ordinal) || value[0] is '/' or '~' || IsPath(value))
        {
            return false;
        }

        var (letters, digits, upper, signs) = (false, false, false, false);
        for (var at = 0; at < value.Length; at++)
        {
            letters |= char.IsLetter(value[at]);
            digits |= char.IsDigit(value[at]);
            // Behind a small letter, a capital begins another word of a name.
            upper |= at > 0 && char.IsUpper(value[at]) && char.IsUpper(value[at - 1]) && value.ContainsAnyInRange('a', 'z');
            signs |= at < value.Length - 1 && value[at] is '!' or '#' or '$' or '%' or '^' or '&' or '*' or '+' or '=' or '@'
                or '~' or '?';
        }

        return letters && (digits || upper || signs);
    }

    /// <summary>Whether chance can have made it, for values that a prefix and their very length tell already. Of 25 random
    /// letters and digits, <see cref="IsRandom"/> denies one in 80, and this denies one in 10,000. It denies most joined
    /// words.</summary>
    public static bool MayBeRandom(ReadOnlySpan<char> value) => IsDense(value, 8, stretch: 6.5, share: 0.15);

    /// <summary>Whether it looks like made by a machine: a part of it changes between digits, small and capital letters too often
    /// for words and numbers.</summary>
    public static bool IsRandom(ReadOnlySpan<char> value)
    {
        if (value.Length is < 8 or > 4096 || value.ContainsAny(Blank)
            || value.Contains(Redactor.Replacement, StringComparison.Ordinal))
        {
            return false;
        }

        if (value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && value.Length <= 18)
        {
            return false;
        }

        // Separated parts are judged each by itself, or together where separators are as rare as in base64.
        var (from, separators) = (0, 0);
        for (var at = 0; at <= value.Length; at++)
        {
            if (at == value.Length || !char.IsAsciiLetterOrDigit(value[at]))
            {
                if (IsDense(value[from..at], 8))
                {
                    return true;
                }

                (from, separators) = (at + 1, separators + 1);
            }
        }

        return separators > 0 && separators * 8 <= value.Length && value.IndexOfAnyExcept(Base64) < 0 && !IsPath(value)
            && IsDense(value, 24);
    }

    // Of a random text of letters and digits, a stretch of one kind is 2.2 characters long, of hex 2.1, of small letters and
    // digits 2.5, where a capital and the small letters behind it are one. Words and numbers have longer ones. Letters alone
    // tell by their capitals: half of them, not the few of joined words.
    private static bool IsDense(ReadOnlySpan<char> value, int length, double stretch = 3.4, double share = 0.3)
    {
        if (value.Length < length)
        {
            return false;
        }

        var (stretches, digits, small, capital) = (0, 0, 0, 0);
        var previous = 0;
        foreach (var character in value)
        {
            var kind = KindOf(character);
            digits += kind == Digit ? 1 : 0;
            small += kind == Small ? 1 : 0;
            capital += kind == Capital ? 1 : 0;
            stretches += kind != 0 && kind != previous && !(previous == Capital && kind == Small) ? 1 : 0;
            previous = kind;
        }

        var letters = small + capital;
        return digits > 0
            ? letters > 0 && stretches >= 3 && digits + letters <= stretches * stretch
            : letters >= 12 && small >= letters * share && capital >= letters * share;
    }

    private static int KindOf(char character) =>
        char.IsAsciiDigit(character) ? Digit
            : char.IsAsciiLetterLower(character) ? Small
            : char.IsAsciiLetterUpper(character) ? Capital
            : 0;

    private static bool IsNumber(ReadOnlySpan<char> value) => value.IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsHex(ReadOnlySpan<char> value)
    {
        foreach (var character in value)
        {
            if (!char.IsAsciiHexDigit(character) && character is not '-')
            {
                return false;
            }
        }

        return true;
    }

    // eu/west/1, /run/secrets/token, a.b.example.com
    private static bool IsPath(ReadOnlySpan<char> value) =>
        value.Count('/') > 1 && value.IndexOfAny('+', '=') < 0 && value.Length < 40;

    /// <summary>Whether a cookie's text has the value of one.</summary>
    public static bool IsCookie(ReadOnlySpan<char> value) => value.IndexOf('=') > 0 || IsRandom(value);

    // Of payments: iauth_1CpMCe2eZvKYlo2C
    private static bool IsAuthorizationId(ReadOnlySpan<char> value) =>
        value.IndexOf("auth_", StringComparison.Ordinal) is >= 0 and <= 4 && !value.ContainsAny(Blank);

    /// <summary>
    /// Whether it is made unreadable: xxxx, ••••, ----, sk-..., Bearer ***. What a mask leaves to see is short.
    /// </summary>
    public static bool IsMask(ReadOnlySpan<char> value)
    {
        if (value.Contains("xxxxxxxx", StringComparison.OrdinalIgnoreCase)
            || (value.Length > 2 && value.IndexOfAnyExcept(Masks) < 0))
        {
            return true;
        }

        foreach (var mask in (ReadOnlySpan<string>)[Redactor.Replacement, "***", "...", "…", "••"])
        {
            if (value.IndexOf(mask) is >= 0 and var at)
            {
                var rest = value[(at + mask.Length)..].Trim("*.…•");
                return at + rest.Length <= MaxUnmasked || (at <= MaxUnmasked && IsMask(rest));
            }
        }

        return false;
    }

    /// <summary>Whether it says where a credential is: /run/secrets/token, ~/.ssh/id_rsa, C:\keys\token.txt.</summary>
    public static bool IsPlace(ReadOnlySpan<char> value)
    {
        var isPlace = value[0] switch
        {
            '/' => value[1..].Contains('/'),
            '~' or '.' => value.TrimStart("~.") is ['/', ..],
            _ => value is [_, ':', '\\', ..] || value.StartsWith("file:", StringComparison.OrdinalIgnoreCase),
        };
        return isPlace && !value.ContainsAny("+=&") && !IsRandom(value);
    }

    // required, invalid, required|min:8, "is too short", "The password field is required."
    private static bool IsSentence(ReadOnlySpan<char> value)
    {
        var end = value.IndexOfAny(" |");
        return end < 0 ? StateWords.Contains(value)
            : value[end] == '|' ? StateWords.Contains(value[..end])
            : Verbs.Contains(value[..end]) || (value[^1] == '.' && value.Count(' ') > 2 && IsProse(value[..end]));
    }

    // Bearer, Bearer {token}
    private static bool IsLoneScheme(ReadOnlySpan<char> value)
    {
        var end = value.IndexOf(' ');
        return end < 0 ? Schemes.Contains(value) : Schemes.Contains(value[..end]) && IsPlaceholder(value[end..].Trim());
    }

    // $TOKEN, $1, ${TOKEN}, $(cat token), %TOKEN%, %s, :token, @token, {0}, #{token}, ?, &token
    private static bool IsVariable(ReadOnlySpan<char> value)
    {
        if (value.Length == 1)
        {
            return !char.IsLetterOrDigit(value[0]);
        }

        return value[0] switch
        {
            '$' => value[1] is '{' or '(' || IsVariableName(value[1..]),
            '%' => value[1] is '(' or '{' || (value[^1] == '%' && IsVariableName(value[1..^1]))
                || (value.Length <= 6 && char.IsAsciiLetter(value[^1])),
            '#' when value.Length is 4 or 7 or 9 && IsHex(value[1..]) => true,
            ':' or '@' or '&' or '#' => value[1] == '{' || IsVariableName(value[1..]),
            '<' => value[1] == '%',
            _ => false,
        };
    }

    // <token>, [token], {token}, {{ token }}, (hidden), __TOKEN__: words in brackets.
    private static bool IsEnclosed(ReadOnlySpan<char> value)
    {
        if (value is "{}" or "[]" or "()")
        {
            return true;
        }

        if (value.StartsWith("{{") && (value.EndsWith("}}") || value.IndexOf("}}") < 0))
        {
            return true;
        }

        return (value[0], value[^1]) is ('<', '>') or ('[', ']') or ('{', '}') or ('(', ')') or ('_', '_')
            && value.Length > 2 && !IsRandom(value[1..^1]) && value.IndexOfAnyInRange('0', '9') < 0
                && value.IndexOfAny("=:\"'") < 0;
    }

    private static FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words(string words) =>
        words.Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    // A name, or the number of a parameter. A name with digits among its letters is as likely a password.
    private static bool IsVariableName(ReadOnlySpan<char> value)
    {
        foreach (var character in value)
        {
            if (!char.IsAsciiLetter(character) && character is not ('_' or '.' or '-' or ':'))
            {
                return value.Length <= 3 && IsNumber(value);
            }
        }

        return !value.IsEmpty;
    }
}

/// <summary>Where a value counts that is known from another place of the text.</summary>
internal enum Telling
{
    /// <summary>Nowhere else: it is like any word.</summary>
    Nothing,

    /// <summary>Where nothing that may be part of a word stands around it.</summary>
    AsWord,

    /// <summary>Wherever it stands.</summary>
    Everywhere,
}
