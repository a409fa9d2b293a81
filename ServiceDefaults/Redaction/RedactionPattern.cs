using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>A shape of credentials, looked for where one of its keywords stands. Matching is linear in the text's length
/// whatever the text is.</summary>
internal sealed class RedactionPattern
{
    /// <summary>The group that is taken out; a shape that has none is taken out whole.</summary>
    public const string SecretGroup = "secret";

    // Behind datadog: _key = "… · .app-key": "… · key => … · _key%3D…
    private const string Assignment = """[A-Za-z0-9_ .-]{0,20}(?:\\*["']|%22)?\]?[ \t]{0,5}(?:[:=]+>?|%3[AaDd])[ \t]{0,5}(?:\\*["']|%22)?""";

    // Made when a keyword is first seen, since most never are: a shape of ASCII takes 0.2 ms and 0.1 MB, one with \s, \S or
    // \b ten times that, because it has all of Unicode to tell apart. Shapes that are alike share one.
    private static readonly ConcurrentDictionary<string, Regex> Regexes = new(StringComparer.Ordinal);

    private Func<char, bool>? _notAfter;
    private Func<char, bool>? _notBefore;
    private Check? _mayFollow;

    private RedactionPattern(string name, string[] keywords, string shape) => (Name, Keywords, Shape) = (name, keywords, shape);

    public delegate bool Check(ReadOnlySpan<char> rest);

    /// <summary>Whose credential it is.</summary>
    public string Name { get; }

    /// <summary>What is searched for, in any case; at least three characters each.</summary>
    public string[] Keywords { get; }

    /// <summary>What follows the keyword, as a regular expression in the subset that NonBacktracking knows.</summary>
    public string Shape { get; }

    /// <summary>Whether the keyword is part of the credential, and its case matters.</summary>
    public bool KeywordIsPrefix { get; private init; }

    /// <summary>Whether something that says "is" has to stand between the keyword and the shape.</summary>
    public bool IsAssigned { get; private init; }

    /// <summary>
    /// Whether the credential shows by itself what it is: by its prefix, its frame or the URL that it is part of. Other shapes
    /// count because of a name or of words before them.
    /// </summary>
    public bool ShowsItself => KeywordIsPrefix || SpansLines || (!IsAssigned && Array.Exists(Keywords, IsOfUrl));

    /// <summary>Whether it may go on behind a value that ends with its line.</summary>
    public bool SpansLines { get; private init; }

    /// <summary>A token that tells by its prefix what it is.</summary>
    public static RedactionPattern Token(string name, string[] prefixes, string rest) =>
        new(name, prefixes, rest) { KeywordIsPrefix = true };

    /// <summary>A token whose prefix also stands inside of words and of random characters: it must be a word by itself.</summary>
    /// <param name="notAfter">Which characters before it make it part of something else: by default letters and digits. A
    /// shape that can fail behind any number of characters must name these, or a text would be read anew from each.</param>
    public static RedactionPattern Word(string name, string[] prefixes, string rest, Func<char, bool>? notAfter = null) =>
        new(name, prefixes, rest)
        {
            KeywordIsPrefix = true,
            _notAfter = notAfter ?? char.IsAsciiLetterOrDigit,
            _notBefore = char.IsAsciiLetterOrDigit,
        };

    /// <summary>A value without a mark of its own: it counts when it is assigned to something named after the provider.</summary>
    public static RedactionPattern Assigned(string name, string[] keywords, string value) =>
        new(name, keywords, value) { IsAssigned = true, _notBefore = char.IsAsciiLetterOrDigit };

    /// <summary>What a text in any case leads up to.</summary>
    /// <param name="mayFollow">Looks first, where the keyword is frequent.</param>
    public static RedactionPattern After(
        string name, string[] keywords, string rest, bool spansLines = false, Check? mayFollow = null) =>
        new(name, keywords, rest) { SpansLines = spansLines, _mayFollow = mayFollow };

    /// <summary>Whether <see cref="Match"/> has to look: false without an allocation where it would find nothing, as at most
    /// keywords of ordinary text.</summary>
    public bool MayMatch(ReadOnlySpan<char> text, int at, string keyword)
    {
        if (_notAfter is not null && at > 0 && _notAfter(text[at - 1]) && !IsEscape(text[..at]))
        {
            return false;
        }

        if (KeywordIsPrefix && !text[at..].StartsWith(keyword, StringComparison.Ordinal))
        {
            return false;
        }

        return IsAssigned || _mayFollow?.Invoke(text[(at + keyword.Length)..]) != false;
    }

    /// <summary>
    /// What is to be taken out of the text because of the keyword at <paramref name="at"/>; null when nothing is.
    /// </summary>
    public Range? Match(string text, int at, string keyword)
    {
        if (!MayMatch(text, at, keyword))
        {
            return null;
        }

        var rest = at + keyword.Length;
        if (IsAssigned)
        {
            if (Behind(text, rest, Assignment) is not { } assignment)
            {
                return null;
            }

            rest = at = assignment.Index + assignment.Length;
        }

        if (Behind(text, rest, Shape) is not { } match)
        {
            return null;
        }

        var end = match.Index + match.Length;
        if (_notBefore is not null && end < text.Length && _notBefore(text[end]))
        {
            return null;
        }

        return match.Groups[SecretGroup] is { Success: true } secret ? secret.Index..(secret.Index + secret.Length) : at..end;
    }

    private static Match? Behind(string text, int at, string shape) =>
        Regexes.GetOrAdd(shape, Linear).Match(text, at, text.Length - at) is { Success: true } match ? match : null;

    private static Regex Linear(string shape) => new(
        $@"\A(?:{shape})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    private static bool IsOfUrl(string keyword) =>
        keyword == "://" || keyword[0] is '?' or '&' || keyword.Contains('.', StringComparison.Ordinal);

    // The letter before belongs to %3D, \n or \u003d, and not to the word.
    private static bool IsEscape(ReadOnlySpan<char> before) =>
        before is [.., '\\', 'n' or 'r' or 't'] or [.., '%', _, _] or [.., '\\', 'u', _, _, _, _];
}
