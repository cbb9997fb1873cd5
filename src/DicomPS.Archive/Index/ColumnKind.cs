namespace DicomPS.Archiving.Index;

/// <summary>What a column, or a parameter of a statement, holds.</summary>
internal enum ColumnKind
{
    /// <summary>A text.</summary>
    Text,
    /// <summary>A whole number.</summary>
    Number,
    /// <summary>Items of a sequence.</summary>
    Bytes,
}
