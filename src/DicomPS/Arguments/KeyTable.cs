using System.Collections;
using System.Runtime.CompilerServices;

namespace DicomPS.Arguments;

/// <summary>
/// The value of -Key: the table that was given, of keywords or tags and what they have to match. Its properties are what Tab offers within
/// the braces; any other keyword or tag is as good.
/// </summary>
public sealed partial class KeyTable : IDictionary
{
    private readonly IDictionary _table;

    /// <summary>An empty table.</summary>
    public KeyTable() => _table = new Hashtable(StringComparer.OrdinalIgnoreCase);

    internal KeyTable(IDictionary table) => _table = table;

    int ICollection.Count => _table.Count;

    object ICollection.SyncRoot => _table.SyncRoot;

    bool ICollection.IsSynchronized => _table.IsSynchronized;

    bool IDictionary.IsFixedSize => _table.IsFixedSize;

    bool IDictionary.IsReadOnly => _table.IsReadOnly;

    ICollection IDictionary.Keys => _table.Keys;

    ICollection IDictionary.Values => _table.Values;

    object? IDictionary.this[object key] { get => _table[key]; set => _table[key] = value; }

    void IDictionary.Add(object key, object? value) => _table.Add(key, value);

    void IDictionary.Clear() => _table.Clear();

    bool IDictionary.Contains(object key) => _table.Contains(key);

    void IDictionary.Remove(object key) => _table.Remove(key);

    void ICollection.CopyTo(Array array, int index) => _table.CopyTo(array, index);

    IDictionaryEnumerator IDictionary.GetEnumerator() => _table.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _table.GetEnumerator();

    private void Put(object? value, [CallerMemberName] string keyword = "") => _table[keyword] = value;
}
