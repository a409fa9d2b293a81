using System.Buffers.Text;
using Microsoft.AspNetCore.Mvc;

namespace Aspire.Webhooks.Api;

/// <summary>A part of a list, newest first.</summary>
/// <param name="Data">The items.</param>
/// <param name="NextCursor">What to ask for next, as <c>cursor</c>; null at the end of the list.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>Which part of a list is wanted.</summary>
/// <param name="Cursor">The <c>next_cursor</c> of the page before; absent for the first.</param>
/// <param name="Limit">How many items: 1 to 200, 50 if absent.</param>
public sealed record PageFields([FromQuery(Name = "cursor")] string? Cursor, [FromQuery(Name = "limit")] string? Limit);

/// <summary>The same, checked.</summary>
/// <param name="Before">Only what is older than this id.</param>
public sealed record Paging(Guid? Before, int Limit)
{
    public const int MaxLimit = 200;
    public const int DefaultLimit = 50;

    /// <summary>One more than is shown tells whether there is a next page.</summary>
    public int Fetch => Limit + 1;

    public static Paging Read(PageFields fields, FieldErrors errors) =>
        new(ReadCursor(fields.Cursor, errors), (int)errors.Number("limit", fields.Limit, DefaultLimit, 1, MaxLimit));

    /// <summary>A page of what was fetched, which is up to <see cref="Fetch"/> items by descending id.</summary>
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
