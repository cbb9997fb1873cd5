using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Scp;

namespace DicomPS.Interop.Tests.Support;

/// <summary>An archive of ours on a free loopback port, as Start-DicomArchive starts it.</summary>
internal static class BoxArchive
{
    public const string AETitle = "BOX";

    public static Task<ArchiveHost> StartAsync(string folder, CancellationToken cancellation,
        params (string AETitle, int Port)[] destinations) =>
        ArchiveHost.StartAsync(
            new ArchiveServerOptions
            {
                Folder = folder,
                Destination = title => destinations.Where(peer => peer.AETitle == title)
                    .Select(peer => AssociationOptions.For(Engine.Node(peer.Port, peer.AETitle) with { CallingAETitle = AETitle }))
                    .FirstOrDefault(),
                Server = new DicomServerOptions { AETitle = AETitle, Address = IPAddress.Loopback },
            },
            cancellation);

    /// <summary>The instances that it holds.</summary>
    public static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*.dcm", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
