using System.Buffers;
using System.Collections.Frozen;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Whether what is assigned is code or prose, and no value.</summary>
internal static class CodeText
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> CodeWords = (
        "new await async function typeof return lambda throw yield const import require static public private protected excluded")
            .Split(' ').ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    // What code reads values from: config.password, self.token, process.env.TOKEN.
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Roots = (
        "self this cls config configuration conf cfg settings options opts env environ environment process os sys request req "
            + "response res ctx context "
        + "args argv params props state data body payload headers header session user account client app module var vars "
            + "local secrets vault "
        + "credentials creds form input event msg message item obj object result system excluded new old builder parser")
            .Split(' ')
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly SearchValues<char> Signs = SearchValues.Create("!#$%&*+=?~");

    // config.password, getToken(), newPassword, token → the variable of that name
    public static bool IsCode(this ReadOnlySpan<char> text, ReadOnlySpan<char> value, int end, NamePlace name)
    {
        var first = end - value.Length;
        while (first < end && first - end + value.Length < CredentialName.MaxLength
            && (Characters.IsName(text[first]) || text[first] is ':' or '>'))
        {
            first++;
        }

        var word = text[(end - value.Length)..Math.Min(first, end)];
        if (CodeWords.Contains(value)
            || (word.Length > 0 && text.CharacterAt(first) is '(' or '{' && !CredentialValue.IsRandom(word)) || word is ""
            && value is ['&' or '*' or '!' or '(' or '-', var next, ..] && char.IsAsciiLetter(next)
            && !CredentialValue.IsMixed(value))
        {
            return word.Length > 0 || value.Length < 40;
        }

        if (CredentialValue.IsRandom(value))
        {
            return false;
        }

        // $_POST['password'], $request->input('token')
        if (value[0] == '$' && text.CharacterAt(text.NameEnd(end - value.Length + 1)) is '[' or '>' or '(')
        {
            return true;
        }

        // PASSWORD=dbPassword in a file of variables is what it says.
        if (text[name.End..(end - value.Length)] is "=" && text[name.Start..name.End].IndexOfAnyInRange('a', 'z') < 0)
        {
            return false;
        }

        var path = value.TrimEnd(";,");
        if (path.IsEmpty)
        {
            return false;
        }

        if (CredentialName.IsRepeated(text[name.Start..name.End], path))
        {
            return true;
        }

        var separator = path.IndexOfAny(".:>[");
        if (separator > 0 && char.IsAsciiLetter(path[0]))
        {
            var root = path[..separator].TrimEnd("?-");
            return root.Length == 1 || CredentialName.IsRepeated(text[name.Start..name.End], root) || Roots.Contains(root)
                || path[separator..].StartsWith("::") || IsQualified(path)
                || (CredentialName.Of(path) >= NameKind.Mixed && path.IndexOfAnyInRange('0', '9') < 0);
        }

        return IsWord(path)
            && (path.Contains('_') || path[1..].IndexOfAnyInRange('A', 'Z') > 0) && path.IndexOfAnyInRange('a', 'z') >= 0
            && CredentialName.Of(path) >= NameKind.Certain;
    }

    // com.example.Token, android.os.Binder@2bd79ce
    private static bool IsQualified(ReadOnlySpan<char> path)
    {
        var end = path.IndexOfAny('@', '/');
        var name = end < 0 ? path : path[..end];
        return name.Count('.') >= 2 && name.IndexOfAnyInRange('0', '9') < 0 && !name.ContainsAny(Signs);
    }

    private static bool IsWord(ReadOnlySpan<char> value)
    {
        foreach (var character in value)
        {
            if (!char.IsAsciiLetter(character) && character is not '_')
            {
                return false;
            }
        }

        return true;
    }

    // Your password: see the mail. Token: Expired on Monday
    public static bool IsProse(this ReadOnlySpan<char> text, ReadOnlySpan<char> value, int end)
    {
        var word = value.TrimEnd(".,;:!?");
        return CredentialValue.IsProse(word)
            && (value.Length > word.Length || text.CharacterAt(end) is '\0' or '.' or ',' or ';' or '!' or '?' or ')' or ' '
            or '\r' or '\n' or '\t');
    }
}
