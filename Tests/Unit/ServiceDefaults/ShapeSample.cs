using System.Text;
using Aspire.Webhooks.ServiceDefaults.Redaction;

namespace Aspire.Webhooks.Tests.Unit.ServiceDefaults;

/// <summary>Makes up texts that a shape matches, so that none stands in the repository for a scanner to find. Knows as much of
/// regular expressions as the shapes use.</summary>
internal sealed class ShapeSample
{
    private const string Alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    // What "any number" goes up to.
    private const int More = 5;

    private readonly string _shape;
    private readonly Random _random;
    private readonly StringBuilder _text = new();
    private int _at;
    private Range? _secret;

    private ShapeSample(string shape, Random random) => (_shape, _random) = (shape, random);

    /// <summary>A text with the keyword, and what of it has to go.</summary>
    public static (string Text, string Secret) Of(RedactionPattern pattern, string keyword, Random random)
    {
        var sample = new ShapeSample(pattern.Shape, random);
        sample.Alternatives(write: true);
        var rest = sample._text.ToString();
        return pattern.IsAssigned
            ? ($"{keyword}{random.GetItems<string>([" = ", ": ", "_key=", " key => "], 1)[0]}{rest}", rest)
            : ($"{keyword}{rest}", sample._secret is { } secret ? rest[secret] : keyword + rest);
    }

    // One of those up to the closing parenthesis or the end.
    private void Alternatives(bool write)
    {
        var start = _at;
        var count = 1;
        for (var scanner = new ShapeSample(_shape, _random) { _at = start }; !scanner.AtEnd();)
        {
            if (scanner.Skip('|'))
            {
                count++;
                continue;
            }

            scanner.Quantified(write: false);
        }

        var chosen = _random.Next(count);
        var index = 0;
        while (!AtEnd())
        {
            if (Skip('|'))
            {
                index++;
                continue;
            }

            Quantified(write && index == chosen);
        }
    }

    private void Quantified(bool write)
    {
        var start = _at;
        Atom(write: false);
        var end = _at;
        var (least, most) = Quantifier();
        var after = _at;
        for (var left = _random.Next(least, most + 1); write && left > 0; left--)
        {
            _at = start;
            Atom(write: true);
            Assert.Equal(end, _at);
        }

        _at = after;
    }

    private (int Least, int Most) Quantifier()
    {
        var range = (1, 1);
        if (Skip('?'))
        {
            range = (0, 1);
        }
        else if (Skip('*'))
        {
            range = (0, More);
        }
        else if (Skip('+'))
        {
            range = (8, 8 + More);
        }
        else if (Skip('{'))
        {
            var bounds = _shape[_at.._shape.IndexOf('}', _at)].Split(',');
            _at = _shape.IndexOf('}', _at) + 1;
            var least = int.Parse(bounds[0]);
            range = (least, bounds is [_, var most] ? most.Length > 0 ? int.Parse(most) : least + More : least);
        }

        // Lazy or not is the same to whoever writes.
        Skip('?');
        return range;
    }

    private void Atom(bool write)
    {
        if (Skip('('))
        {
            Group(write);
        }
        else if (Skip('['))
        {
            Write(Class(), write);
        }
        else if (Skip('\\'))
        {
            Write(Escaped(_shape[_at++]), write);
        }
        else
        {
            Write(_shape[_at++] is var literal and not '.' ? $"{literal}" : Alphanumeric, write);
        }
    }

    private void Group(bool write)
    {
        Assert.True(Skip('?'), _shape);
        var isSecret = Skip($"<{RedactionPattern.SecretGroup}>");
        Assert.True(isSecret || Skip(':') || Skip("i:"), _shape);
        var from = _text.Length;
        Alternatives(write);
        Assert.True(Skip(')'), _shape);
        if (isSecret && write)
        {
            _secret = from.._text.Length;
        }
    }

    private string Class()
    {
        var negated = Skip('^');
        var members = new StringBuilder();
        while (!Skip(']'))
        {
            var first = Member();
            if (first.Length == 1 && _shape[_at] == '-' && _shape[_at + 1] != ']')
            {
                _at++;
                var last = Member();
                for (var next = first[0]; next <= last[0]; next++)
                {
                    members.Append(next);
                }

                continue;
            }

            members.Append(first);
        }

        return negated ? string.Concat(Alphanumeric.Where(character => !members.ToString().Contains(character, StringComparison.Ordinal))) : members.ToString();
    }

    private string Member() => Skip('\\') ? Escaped(_shape[_at++]) : $"{_shape[_at++]}";

    private static string Escaped(char character) => character switch
    {
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        's' => " ",
        'S' => Alphanumeric,
        'z' => "",
        _ when char.IsAsciiLetterOrDigit(character) => throw new NotSupportedException($"\\{character}"),
        _ => $"{character}",
    };

    private void Write(string choice, bool write)
    {
        if (write && choice.Length > 0)
        {
            _text.Append(choice[_random.Next(choice.Length)]);
        }
    }

    private bool AtEnd() => _at == _shape.Length || _shape[_at] == ')';

    private bool Skip(char expected) => Skip($"{expected}");

    private bool Skip(string expected)
    {
        if (string.CompareOrdinal(_shape, _at, expected, 0, expected.Length) != 0)
        {
            return false;
        }

        _at += expected.Length;
        return true;
    }
}
