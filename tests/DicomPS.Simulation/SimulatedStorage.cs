using DicomPS.Archiving.Storage;
using DicomPS.Part10;
using DicomPS.Scp;
using DicomPS.Serving;

namespace DicomPS.Simulation;

/// <summary>A storage server without its port: what it answers, over a simulated disk.</summary>
internal static class SimulatedStorage
{
    /// <summary>What a storage server does before it listens, and what it answers then.</summary>
    public static ServiceTable Start(string folder, FileSystem files, SameInstance same, bool isFlushing)
    {
        files.CreateFolder(folder);
        InstanceReceiver.DeleteAbandoned(folder);
        var options = new StorageServerOptions
        {
            Folder = folder,
            Layout = "{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm",
            Duplicates = PolicyOf(same),
            FlushToDisk = isFlushing,
            Files = files,
        };
        var receiver = StorageServer.ReceiverFor(options, StoragePath.Parse(options.Layout));
        return new ServiceTable(new StoreScp(receiver, (_, _) => Task.CompletedTask, (_, _) => { }).Rows());
    }

    public static DuplicatePolicy PolicyOf(SameInstance same) => same switch
    {
        SameInstance.Replace => DuplicatePolicy.Overwrite,
        SameInstance.Keep => DuplicatePolicy.KeepBoth,
        _ => DuplicatePolicy.Reject,
    };
}
