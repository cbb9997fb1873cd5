using DicomPS.Compatibility;

namespace DicomPS.Part10;

/// <summary>
/// What archives and receivers do with files: each step that a disk can fail at, or that a kill or a power cut can come after, is one
/// member. This is the disk of the operating system; the simulation of the tests has another. All members are for any thread.
/// </summary>
internal class FileSystem
{
    /// <summary>The disk of the operating system.</summary>
    public static FileSystem Default { get; } = new();

    /// <summary>The same, with new files and folders that are their owner's alone.</summary>
    public static FileSystem Private { get; } = new OwnersAlone();

    /// <summary>Opens a file, without a buffer.</summary>
    /// <exception cref="IOException">It cannot be opened or made.</exception>
    public virtual FileStream Open(string path, FileMode mode, FileAccess access, FileShare share) => new(path, mode, access, share, 1);

    /// <summary>Writes pieces one behind the other at the end of a file, without copying them together.</summary>
    public virtual void Write(FileStream file, long position, ReadOnlyMemory<byte>[] pieces) => file.WriteAt(position, pieces);

    /// <summary>Waits until the disk has what was written to a file; its name is another matter (<see cref="FlushFolder"/>).</summary>
    public virtual void Flush(FileStream file) => file.Flush(flushToDisk: true);

    /// <summary>Waits until the disk has the names in a folder.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public virtual void FlushFolder(string folder) => FileMoves.FlushFolder(folder);

    /// <summary>Waits until the disk has the names in a folder and in those above it: a new folder is a name too.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="root">The last one, which is it or above it.</param>
    /// <exception cref="IOException">The disk failed.</exception>
    public void FlushNames(string folder, string root)
    {
        for (; folder.Length > root.Length; folder = Path.GetDirectoryName(folder)!)
            FlushFolder(folder);
        FlushFolder(root);
    }

    /// <summary>Renames unless the new name is taken; of several at once, one has the name.</summary>
    public virtual bool TryMoveToNew(string from, string to) => FileMoves.TryMoveToNew(from, to);

    /// <summary>Renames; a file with the new name is replaced in one step.</summary>
    public virtual void Replace(string from, string to) => FileMoves.Replace(from, to);

    /// <summary>Gives a file a second name; false where there is no such thing, or the name is taken.</summary>
    public virtual bool TryLink(string file, string name) => FileMoves.TryLink(file, name);

    /// <summary>Deletes a file; one that is gone is deleted.</summary>
    public virtual void Delete(string path) => File.Delete(path);

    /// <summary>Makes a folder and those above it, where they are missing.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="isPrivate">Whether nobody else may look into what is made.</param>
    public virtual void CreateFolder(string path, bool isPrivate = false)
    {
        if (isPrivate)
            PrivateFiles.CreateFolder(path);
        else
            Directory.CreateDirectory(path);
    }

    /// <summary>Deletes a folder that is empty.</summary>
    /// <exception cref="IOException">It is not, or is gone.</exception>
    public virtual void DeleteFolder(string path) => Directory.Delete(path);

    /// <summary>What is known of a file: whether it is there, its length, its time.</summary>
    public virtual FileInfo Look(string path) => new(path);

    /// <summary>Reads the first elements of a file, and walks over the rest; see <see cref="DicomFileProbe.Read"/>.</summary>
    public virtual ProbedFile Probe(string path, Data.DicomTag? stopAt = null, Func<Data.DicomTag, bool>? wanted = null) =>
        DicomFileProbe.Read(path, stopAt, wanted);

    private sealed class OwnersAlone : FileSystem
    {
        public override FileStream Open(string path, FileMode mode, FileAccess access, FileShare share) =>
            PrivateFiles.Open(path, mode, access, share, 1);

        public override void CreateFolder(string path, bool isPrivate = false) => PrivateFiles.CreateFolder(path);
    }
}
