using System.Text;

namespace Aspire.Webhooks.ServiceDefaults.Redaction;

/// <summary>Cuts ranges out of a text, found from its start to its end. Ranges that overlap are one.</summary>
internal struct Cuts(string text)
{
    private StringBuilder? _result;
    private int _done;
    private int _from;
    private int _to = -1;

    /// <summary>Whether the place is within what is cut out.</summary>
    public readonly bool Cover(int at) => _from <= at && at < _to;

    /// <summary>Adds what was found because of something at <paramref name="at"/>.</summary>
    public void Add(int at, int from, int to)
    {
        if (at >= _to)
        {
            Flush();
            (_from, _to) = (from, to);
            return;
        }

        (_from, _to) = (Math.Min(_from, from), Math.Max(_to, to));
    }

    /// <summary>The text with the replacement in the place of each range, the same instance where there was none.</summary>
    public string Apply()
    {
        Flush();
        return _result is null ? text : _result.Append(text, _done, text.Length - _done).ToString();
    }

    private void Flush()
    {
        if (_to < 0)
        {
            return;
        }

        _result ??= new StringBuilder(text.Length);
        _result.Append(text, _done, _from - _done).Append(Redactor.Replacement);
        (_done, _to) = (_to, -1);
    }
}
