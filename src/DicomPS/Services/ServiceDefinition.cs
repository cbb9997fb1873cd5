using System.Runtime.Serialization;
using System.Runtime.Serialization.Json;
using System.Text;

namespace DicomPS.Services;

/// <summary>
/// What was registered: a file in the folder of the service, which the service reads when it starts. It holds no password.
/// </summary>
[DataContract]
public sealed class ServiceDefinition
{
    /// <summary>The name of the file in the folder of a service.</summary>
    internal const string FileName = "service.json";

    private const int MostBytes = 1 << 20;

    /// <summary>The name.</summary>
    [DataMember(Order = 0, IsRequired = true)]
    public string Name { get; set; } = "";

    /// <summary>System or User.</summary>
    [DataMember(Order = 1, IsRequired = true)]
    public string Scope { get; set; } = "";

    /// <summary>What it is for.</summary>
    [DataMember(Order = 2)]
    public string Description { get; set; } = "";

    /// <summary>The script that it runs.</summary>
    [DataMember(Order = 3, IsRequired = true)]
    public string FilePath { get; set; } = "";

    /// <summary>
    /// The account that it runs as; null for that of the user manager, or of the system where that is the choice of the system.
    /// </summary>
    [DataMember(Order = 4)]
    public string? User { get; set; }

    /// <summary>The folder in which the script starts.</summary>
    [DataMember(Order = 5)]
    public string WorkingDirectory { get; set; } = "";

    /// <summary>The module's manifest.</summary>
    [DataMember(Order = 6)]
    public string ModulePath { get; set; } = "";

    /// <summary>The log.</summary>
    [DataMember(Order = 7)]
    public string LogPath { get; set; } = "";

    /// <summary>How many bytes one file of the log has at most.</summary>
    [DataMember(Order = 8)]
    public long LogBytes { get; set; } = RotatingLog.DefaultBytes;

    /// <summary>How many files the log has at most.</summary>
    [DataMember(Order = 9)]
    public int LogCount { get; set; } = RotatingLog.DefaultFiles;

    /// <summary>Whether objects are logged with all that they say.</summary>
    [DataMember(Order = 10)]
    public bool IncludePatientData { get; set; }

    /// <summary>The folder for what the running service tells of itself.</summary>
    [DataMember(Order = 11)]
    public string StateFolder { get; set; } = "";

    /// <summary>How long requests in flight may take when it is stopped, in seconds.</summary>
    [DataMember(Order = 12)]
    public double StopSeconds { get; set; } = 30;

    /// <summary>The program that it is started with, and its arguments.</summary>
    [DataMember(Order = 13)]
    public string[] Command { get; set; } = [];

    /// <summary>The unit file, or the name of the scheduled task.</summary>
    [DataMember(Order = 14)]
    public string Registration { get; set; } = "";

    /// <summary>The folder of the registered nodes, where another one than the account's own was named.</summary>
    [DataMember(Order = 15, EmitDefaultValue = false)]
    public string? ConfigHome { get; set; }

    /// <summary>Reads one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="SerializationException">It is none.</exception>
    public static ServiceDefinition Read(string path) => Read<ServiceDefinition>(path);

    /// <summary>Writes it in one step: who reads finds the old one or the new one.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path) => Write(path, this);

    internal static T Read<T>(string path)
        where T : class
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length > MostBytes)
            throw new SerializationException($"{path} is too large.");
        try
        {
            return (T?)new DataContractJsonSerializer(typeof(T)).ReadObject(stream)
                ?? throw new SerializationException($"{path} holds nothing.");
        }
        // The runtime's reader throws whatever comes, IndexOutOfRangeException too, for what is no JSON.
        catch (Exception e) when (e is not (SerializationException or IOException or OutOfMemoryException))
        {
            throw new SerializationException($"{path} cannot be understood: {e.Message}", e);
        }
    }

    internal static void Write<T>(string path, T what)
    {
        using var bytes = new MemoryStream();
        using (var writer = JsonReaderWriterFactory.CreateJsonWriter(bytes, new UTF8Encoding(false), ownsStream: false, indent: true,
            indentChars: "  "))
            new DataContractJsonSerializer(typeof(T)).WriteObject(writer, what);

        bytes.WriteByte((byte)'\n');
        WriteFile(path, bytes.ToArray());
    }

    internal static void WriteFile(string path, byte[] bytes)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllBytes(temporary, bytes);
            if (File.Exists(path))
                File.Replace(temporary, path, null);
            else
                File.Move(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
