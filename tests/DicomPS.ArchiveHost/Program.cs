using System.Globalization;
using System.Net;
using DicomPS.Archives;
using DicomPS.Scp;

// An archive in a process of its own, for tests that kill it or measure it: writes its port, then at each line how many bytes
// are held when the garbage is collected, and ends when its input does. The second argument limits its bytes.
await using var server = await ArchiveServer.StartAsync(new ArchiveServerOptions
{
    Folder = args[0],
    MaxBytes = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : null,
    StudyQuietPeriod = TimeSpan.Zero,
    Server = new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback },
});
Console.WriteLine(server.Port);
while (await Console.In.ReadLineAsync() is not null)
    Console.WriteLine(GC.GetTotalMemory(forceFullCollection: true));
