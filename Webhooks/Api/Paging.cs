using System.Buffers.Text;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Api;

/// <summary>A page of a list.</summary>
/// <param name="Data">The items.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>The query parameters that select a page.</summary>
/// <param name="Cursor">The <c>next_cursor</c> of the previous page; absent for the first page.</param>
/// <param name="Limit">The size of the page: 1 to 200. Default: 50.</param>
public sealed record PageFields([FromQuery(Name = "cursor")] string? Cursor, [FromQuery(Name = "limit")] string? Limit);

/// <summary>Validated <see cref="PageFields"/>.</summary>
/// <param name="Before">The id of the last item of the previous page: the page has only older ones.</param>
public sealed record Paging(Guid? Before, int Limit)
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    /// <summary>The number of rows to read. One more than the page shows whether there is a next page.</summary>
    public int Fetch => Limit + 1;

    public static Paging Read(PageFields fields, FieldErrors errors) =>
        new(ReadCursor(fields.Cursor, errors), (int)errors.Number("limit", fields.Limit, DefaultLimit, 1, MaxLimit));

    /// <summary>Makes a page of the rows that were read, which are up to <see cref="Fetch"/> items by descending id.</summary>
    public Page<T> ToPage<T>(IReadOnlyList<T> fetched, Func<T, Guid> id) => fetched.Count <= Limit
        ? new(fetched, null)
        : new([.. fetched.Take(Limit)], Base64Url.EncodeToString(id(fetched[Limit - 1]).ToByteArray(bigEndian: true)));

    private static Guid? ReadCursor(string? cursor, FieldErrors errors)
    {
        if (cursor is null)
        {
            return null;
        }

        Span<byte> id = stackalloc byte[16];
        if (cursor.Length == 22 && Base64Url.IsValid(cursor) && Base64Url.TryDecodeFromChars(cursor, id, out var length)
            && length == 16)
        {
            return new Guid(id, bigEndian: true);
        }

        errors.Add("cursor", "cursor is the next_cursor of an earlier answer.");
        return null;
    }
}
