using System.Management.Automation;
using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;
using DicomPS.Associations;
using DicomPS.Compatibility;

namespace DicomPS.Arguments;

/// <summary>
/// The registered nodes: a JSON file in the user's configuration folder. Written to a temporary file and renamed,
/// under a lock that other sessions respect; a file that cannot be understood is reported and never overwritten.
/// </summary>
internal sealed class NodeStore
{
    /// <summary>Names another folder for the configuration; tests use it.</summary>
    public const string FolderVariable = "DICOMPS_CONFIG_HOME";

    private const int Version = 1;
    private static readonly byte[] Utf8Mark = Encoding.UTF8.GetPreamble();
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    public NodeStore()
    {
        var folder = Environment.GetEnvironmentVariable(FolderVariable);
        if (string.IsNullOrEmpty(folder))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            folder = System.IO.Path.Combine(home.Length > 0 ? home : AppContext.BaseDirectory, "DicomPS");
        }

        Path = System.IO.Path.Combine(folder, "nodes.json");
    }

    public string Path { get; }

    /// <summary>All nodes, ordered by name. An absent file means none.</summary>
    public IReadOnlyList<DicomNode> Read()
    {
        byte[] bytes;
        try
        {
            bytes = ReadBytes();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        return Parse(bytes);
    }

    /// <summary>All nodes in the bytes of the file, ordered by name.</summary>
    /// <exception cref="ModuleException">They cannot be understood.</exception>
    internal IReadOnlyList<DicomNode> Parse(byte[] bytes)
    {
        try
        {
            var mark = bytes.AsSpan().StartsWith(Utf8Mark) ? 3 : 0;
            var file =
                (NodeFile?)new DataContractJsonSerializer(typeof(NodeFile)).ReadObject(new MemoryStream(bytes, mark, bytes.Length - mark))
                ?? throw new SerializationException("It holds no object.");
            if (file.Version != Version)
                throw new SerializationException($"Its Version is {file.Version}; this module knows {Version}.");
            return (file.Nodes ?? []).Select(entry => entry.ToNode())
                .OrderBy(node => node.Name, StringComparer.OrdinalIgnoreCase).ToArray();
        }
        // The runtime's reader throws whatever comes, IndexOutOfRangeException too, for what is no JSON.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new ModuleException(ErrorIds.NodeFileBroken, ErrorCategory.InvalidData,
                $"The node file {Path} cannot be read: {e.InnerException?.Message ?? e.Message}",
                "Repair the file with an editor, or move it away to start with none; it was left as it is.", Path, e);
        }
    }

    /// <summary>The node of that name, in any case, or null.</summary>
    public DicomNode? Find(string name) =>
        Read().FirstOrDefault(node => string.Equals(node.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads, changes and writes under the lock. The change gets a list that it may edit.</summary>
    public void Change(Action<List<DicomNode>> change)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        using var held = Lock();
        List<DicomNode> nodes = [.. Read()];
        change(nodes);
        Write(nodes);
    }

    private byte[] ReadBytes()
    {
        // Another session may be renaming the new file into place: FileShare.Delete lets it.
        using var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private void Write(List<DicomNode> nodes)
    {
        var temporary = $"{Path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var file = new NodeFile
            {
                Version = Version,
                Nodes = nodes.OrderBy(node => node.Name, StringComparer.OrdinalIgnoreCase).Select(NodeEntry.Of).ToArray(),
            };
            using (var stream = PrivateFiles.OpenToReplace(temporary, Path))
            {
                using (var writer = JsonReaderWriterFactory.CreateJsonWriter(stream, Utf8, ownsStream: false, indent: true,
                    indentChars: "  "))
                    new DataContractJsonSerializer(typeof(NodeFile)).WriteObject(writer, file);
                stream.WriteByte((byte)'\n');
                stream.Flush(flushToDisk: true);
            }

            if (File.Exists(Path))
                File.Replace(temporary, Path, null);
            else
                File.Move(temporary, Path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private FileStream Lock()
    {
        try
        {
            return FileLock.Take(Path);
        }
        catch (IOException e)
        {
            throw new ModuleException(ErrorIds.NodeFileBusy, ErrorCategory.ResourceBusy,
                $"Another session has held the node file {Path} for {FileLock.Patience.TotalSeconds:0} s.",
                "Try again; end the other session if it hangs.", Path, e);
        }
    }

    [DataContract]
    private sealed class NodeFile
    {
        [DataMember(Order = 0, IsRequired = true)]
        public int Version { get; set; }

        [DataMember(Order = 1)]
        public NodeEntry[]? Nodes { get; set; }
    }

    [DataContract]
    private sealed class NodeEntry
    {
        [DataMember(Order = 0, IsRequired = true)]
        public string? Name { get; set; }

        [DataMember(Order = 1, IsRequired = true)]
        public string? AETitle { get; set; }

        [DataMember(Order = 2, IsRequired = true)]
        public string? HostName { get; set; }

        [DataMember(Order = 3, IsRequired = true)]
        public int Port { get; set; }

        [DataMember(Order = 4, EmitDefaultValue = false)]
        public string? CallingAETitle { get; set; }

        [DataMember(Order = 5, EmitDefaultValue = false)]
        public int? LocalPort { get; set; }

        [DataMember(Order = 6, EmitDefaultValue = false)]
        public string? CharacterSet { get; set; }

        [DataMember(Order = 7, EmitDefaultValue = false)]
        public bool Tls { get; set; }

        [DataMember(Order = 8, EmitDefaultValue = false)]
        public string? From { get; set; }

        [DataMember(Order = 9, EmitDefaultValue = false)]
        public string? Associations { get; set; }

        [DataMember(Order = 10, EmitDefaultValue = false)]
        public int? AsyncOperations { get; set; }

        public static NodeEntry Of(DicomNode node) => new()
        {
            Name = node.Name,
            AETitle = node.AETitle,
            HostName = node.HostName,
            Port = node.Port,
            CallingAETitle = node.CallingAETitle,
            LocalPort = node.LocalPort,
            CharacterSet = node.CharacterSet,
            Tls = node.Tls,
            From = node.From,
            Associations = node.Associations,
            AsyncOperations = node.AsyncOperations,
        };

        public DicomNode ToNode() => NodeArgument.Create(Name, AETitle, HostName, Port, CallingAETitle, LocalPort, CharacterSet, Tls, From,
            Associations, AsyncOperations);
    }
}
