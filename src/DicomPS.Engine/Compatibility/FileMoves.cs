namespace DicomPS.Compatibility;

/// <summary>Renames that say what happens to a file that is there already.</summary>
internal static class FileMoves
{
    /// <summary>Renames within one file system; a file with the new name is replaced in one step.</summary>
    public static void Replace(string from, string to)
    {
#if NET8_0_OR_GREATER
        File.Move(from, to, overwrite: true);
#else
        while (!TryMoveToNew(from, to))
        {
            try
            {
                File.Replace(from, to, null);
                return;
            }
            catch (FileNotFoundException) when (File.Exists(from))
            {
                // The old file went away in between: move again.
            }
        }
#endif
    }

    /// <summary>Renames within one file system unless the new name is taken.</summary>
    public static bool TryMoveToNew(string from, string to)
    {
        try
        {
            File.Move(from, to);
            return true;
        }
        catch (IOException) when (File.Exists(to) && File.Exists(from))
        {
            return false;
        }
    }
}
