using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>A shape of credentials, looked for where one of its keywords stands. Matching is linear in the text's length
/// whatever the text is.</summary>
internal sealed class RedactionPattern
{
    /// <summary>The group that is taken out; a shape that has none is taken out whole.</summary>
    public const string SecretGroup = "secret";

    private const int MaxLookedAt = 512;

    // Made when a keyword is first seen, since most never are: a shape of ASCII takes 0.2 ms and 0.1 MB, one with \s, \S or
    // \b ten times that, because it has all of Unicode to tell apart. Shapes that are alike share one.
    private static readonly ConcurrentDictionary<string, Regex> Regexes = new(StringComparer.Ordinal);

    private readonly Finder? _find;
    private Func<char, bool>? _notAfter;
    private Func<char, bool>? _notBefore;
    private Check? _isMeant;

    private RedactionPattern(string name, string[] keywords, string shape, Finder? find = null) =>
        (Name, Keywords, Shape, _find) = (name, keywords, shape, find);

    public delegate bool Check(ReadOnlySpan<char> text);

    public delegate Range? Finder(ReadOnlySpan<char> text, int at);

    /// <summary>Whose credential it is.</summary>
    public string Name { get; }

    /// <summary>What is searched for, in any case; at least three characters each.</summary>
    public string[] Keywords { get; }

    /// <summary>What follows the keyword, as a regular expression in the subset that NonBacktracking knows; empty for what code
    /// finds.</summary>
    public string Shape { get; }

    /// <summary>Whether the keyword is part of the credential, and its case matters.</summary>
    public bool KeywordIsPrefix { get; private init; }

    /// <summary>Whether the shape is that of a value which is assigned to a name with the keyword in it.</summary>
    public bool IsAssigned { get; private init; }

    /// <summary>
    /// Whether the credential shows by itself what it is: by its prefix, its frame or the URL that it is part of. Other shapes
    /// count because of a name or of words before them.
    /// </summary>
    public bool ShowsItself => KeywordIsPrefix || SpansLines || (!IsAssigned && Array.Exists(Keywords, IsOfUrl));

    /// <summary>Whether it may go on behind a value that ends with its line.</summary>
    public bool SpansLines { get; private init; }

    /// <summary>A token that tells by its prefix what it is.</summary>
    /// <param name="isMeant">Looks at what matched, where words can begin and go on like it.</param>
    public static RedactionPattern Token(string name, string[] prefixes, string rest, Check? isMeant = null) =>
        new(name, prefixes, rest) { KeywordIsPrefix = true, _isMeant = isMeant };

    /// <summary>A token whose prefix also stands inside of words and of random characters: it must be a word by itself.</summary>
    /// <param name="notAfter">Which characters before it make it part of something else: by default letters and digits. A
    /// shape that can fail behind any number of characters must name these, or a text would be read anew from each.</param>
    public static RedactionPattern Word(
        string name, string[] prefixes, string rest, Func<char, bool>? notAfter = null, Func<char, bool>? notBefore = null,
        Check? isMeant = null) =>
        new(name, prefixes, rest)
        {
            KeywordIsPrefix = true,
            _notAfter = notAfter ?? char.IsAsciiLetterOrDigit,
            _notBefore = notBefore ?? char.IsAsciiLetterOrDigit,
            _isMeant = isMeant,
        };

    /// <summary>A token that its prefix and its very length tell, when chance can have made what follows the prefix. The length
    /// is that of <paramref name="rest"/>.</summary>
    public static RedactionPattern Exact(
        string name, string prefix, string rest, Func<char, bool>? notAfter = null, Func<char, bool>? notBefore = null) =>
        Word(name, [prefix], rest, notAfter, notBefore, token => CredentialValue.MayBeRandom(token[prefix.Length..]));

    /// <summary>A value without a mark of its own: it counts when it is assigned to something named after the provider.</summary>
    public static RedactionPattern Assigned(string name, string[] keywords, string value) =>
        new(name, keywords, value) { IsAssigned = true, _notBefore = char.IsAsciiLetterOrDigit };

    /// <summary>What a text in any case leads up to.</summary>
    /// <param name="isMeant">Looks at what is taken out.</param>
    public static RedactionPattern After(
        string name, string[] keywords, string rest, bool spansLines = false, Check? isMeant = null) =>
        new(name, keywords, rest) { SpansLines = spansLines, _isMeant = isMeant };

    /// <summary>What code finds around a keyword, because no regular expression says it shortly.</summary>
    public static RedactionPattern Found(string name, string[] keywords, Finder find) => new(name, keywords, "", find);

    /// <summary>What is to be taken out of the text, which ends at <paramref name="end"/>, because of the keyword at
    /// <paramref name="at"/>; null when nothing is.</summary>
    public Range? Match(string text, int at, int end, string keyword)
    {
        if (_find is not null)
        {
            return _find(text.AsSpan(0, end), at);
        }

        if (_notAfter is not null && at > 0 && _notAfter(text[at - 1]) && !((ReadOnlySpan<char>)text).EndsEscape(at))
        {
            return null;
        }

        return KeywordIsPrefix && string.CompareOrdinal(text, at, keyword, 0, keyword.Length) != 0
            ? null
            : Behind(text, at, at + keyword.Length, end);
    }

    /// <summary>The letters, digits and signs of base64 around a mark, when there are as many, and as many behind it.</summary>
    public static Range? Around(ReadOnlySpan<char> text, int at, int mark, Range length, Range behind)
    {
        var (start, end) = (at, at + mark);
        while (start > 0 && at - start < length.End.Value && IsBase64(text[start - 1]))
        {
            start--;
        }

        while (end < text.Length && end - at <= length.End.Value && IsBase64(text[end]))
        {
            end++;
        }

        var tail = end - at - mark;
        return end - start >= length.Start.Value && end - start <= length.End.Value && tail >= behind.Start.Value
            && tail <= behind.End.Value
            && CredentialValue.IsRandom(text[start..end])
            ? start..(
                text[Math.Min(end, text.Length)..].StartsWith("==") ? end + 2 : text.CharacterAt(end) == '=' ? end + 1 : end)
            : null;
    }

    /// <summary>Whether it is a character of base64 or base64url.</summary>
    public static bool IsBase64(char character) => char.IsAsciiLetterOrDigit(character) || character is '+' or '/' or '-' or '_';

    /// <summary>The same of a value that begins at a place.</summary>
    public Range? MatchValue(string text, int at, int end) => Behind(text, at, at, end);

    /// <summary>Whether what matched may be one.</summary>
    public bool Means(ReadOnlySpan<char> secret) => _isMeant?.Invoke(secret) != false;

    private Range? Behind(string text, int from, int at, int end)
    {
        if (at > end || Regexes.GetOrAdd(Shape, Linear).Match(text, at, end - at) is not { Success: true } match)
        {
            return null;
        }

        var to = match.Index + match.Length;
        if (_notBefore is not null && to < end && _notBefore(text[to]))
        {
            return null;
        }

        var range = match.Groups[SecretGroup] is { Success: true } secret
            ? secret.Index..(secret.Index + secret.Length)
            : from..to;
        return IsMeant(text.AsSpan(range), text.AsSpan(at, to - at)) ? range : null;
    }

    // What is very long is taken out without a look: all of it would be looked at again from the next keyword within it.
    private bool IsMeant(ReadOnlySpan<char> secret, ReadOnlySpan<char> behind) =>
        behind.Length > MaxLookedAt
        // ghp_xxxxxxxx shows what such a token looks like.
        || (!(KeywordIsPrefix && CredentialValue.IsMask(behind)) && Means(secret));

    private static Regex Linear(string shape) => new(
        $@"\A(?:{shape})", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    private static bool IsOfUrl(string keyword) =>
        keyword == "://" || keyword[0] is '?' or '&' || keyword.Contains('.', StringComparison.Ordinal);
}
