using System.Globalization;
using System.Net;
using DicomPS.Archives;
using DicomPS.Scp;

// An archive in a process of its own, for tests that kill it: writes its port, and ends when its input does. The second argument limits its bytes.
await using var server = await ArchiveServer.StartAsync(new ArchiveServerOptions
{
    Folder = args[0],
    MaxBytes = args.Length > 1 ? long.Parse(args[1], CultureInfo.InvariantCulture) : null,
    StudyQuietPeriod = TimeSpan.Zero,
    Server = new DicomServerOptions { AETitle = "BOX", Address = IPAddress.Loopback },
});
Console.WriteLine(server.Port);
await Console.In.ReadToEndAsync();
