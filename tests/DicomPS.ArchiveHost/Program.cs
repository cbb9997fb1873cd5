using System.Globalization;
using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Scp;
using DicomPS.Serving;

// An archive in a process of its own, for tests that kill it or measure it: writes its port, then at each line how many bytes
// are held when the garbage is collected, and ends when its input does. The second argument limits its bytes, 0 for no limit; the
// third is the port of this machine on which whoever asks for storage commitment is called back. With "storage" as the fourth it is
// a storage SCP, which knows no limit and no commitment.
var listening = new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback };
await using RunningServer server = args.Length > 3 && args[3] == "storage"
    ? StorageServer.Start(new StorageServerOptions { Folder = args[0], Server = listening })
    : await ArchiveHost.StartAsync(new ArchiveServerOptions
    {
        Folder = args[0],
        MaxBytes = Number(1) is > 0 and var bytes ? bytes : null,
        StudyQuietPeriod = TimeSpan.Zero,
        Destination = title => Number(2) is > 0 and var port
            ? new AssociationOptions { Host = "127.0.0.1", Port = (int)port, CalledAETitle = title, CallingAETitle = "BOX" } : null,
        Server = listening,
    });
Console.WriteLine(server.Port);
while (await Console.In.ReadLineAsync() is not null)
    Console.WriteLine(GC.GetTotalMemory(forceFullCollection: true));

long Number(int index) => args.Length > index ? long.Parse(args[index], CultureInfo.InvariantCulture) : 0;
