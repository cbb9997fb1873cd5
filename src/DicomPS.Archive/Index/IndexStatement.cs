namespace DicomPS.Archiving.Index;

/// <summary>
/// A statement that is prepared once and run with ever new values, on the connection that writes. What is not bound anew keeps its value.
/// While its rows are read, it is the row that it stands at.
/// </summary>
internal abstract class IndexStatement : IDisposable
{
    /// <summary>Gives a value to $v and a number; one that the statement does not have is passed over.</summary>
    /// <param name="index">The number.</param>
    /// <param name="value">A text, a number, bytes or null.</param>
    public abstract void Bind(int index, object? value);

    /// <summary>Gives a value to a parameter; one that the statement does not have is passed over.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">A text, a number, bytes or null.</param>
    public abstract void Bind(string name, object? value);

    public abstract bool IsNull(int column);

    public abstract long Number(int column);

    public abstract string Text(int column);

    public long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    /// <summary>Runs it; the first number of the first row, or null.</summary>
    public long? Number()
    {
        try
        {
            return Step() ? NumberOrNull(0) : null;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Runs it and takes its rows.</summary>
    /// <param name="read">Makes something of the row that the statement stands at.</param>
    public List<T> Read<T>(Func<IndexStatement, T> read)
    {
        var rows = new List<T>();
        try
        {
            while (Step())
                rows.Add(read(this));
            return rows;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Runs it to its end.</summary>
    public void Run()
    {
        try
        {
            while (Step())
                continue;
        }
        finally
        {
            End();
        }
    }

    public abstract void Dispose();

    /// <summary>Runs it to its next row; false when there is none.</summary>
    protected abstract bool Step();

    /// <summary>Makes it ready to be run again.</summary>
    protected abstract void End();
}
