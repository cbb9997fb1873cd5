using System.Globalization;
using System.Net;
using DicomPS.Archiving.Serving;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;

namespace DicomPS.Benchmarks.Peers;

/// <summary>
/// What child processes do where archives are compared, as in <see cref="EngineSide"/>: our archive, and the two clients that all
/// archives have.
/// </summary>
internal static class ArchiveSide
{
    public const string AETitle = "BOX";

    /// <summary>archive [flush]: serves a folder at "open FOLDER" and prints "port N"; stops at "close" and prints
    /// "closed"; moves to those of "knows TITLE PORT TITLE PORT".</summary>
    /// <param name="arguments">As above.</param>
    public static async Task<int> ServeAsync(string[] arguments)
    {
        ArchiveHost? server = null;
        Dictionary<string, DicomNode> known = [];
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line.Split(' ') is ["knows", .. var pairs])
            {
                for (var i = 0; i + 1 < pairs.Length; i += 2)
                    known[pairs[i]] = Node(["", pairs[i + 1], pairs[i]]);
                Console.WriteLine("known");
                continue;
            }

            if (server is not null)
                await server.StopAsync(TimeSpan.FromSeconds(5));
            server = null;
            if (!line.StartsWith("open ", StringComparison.Ordinal))
            {
                Console.WriteLine("closed");
                continue;
            }

            server = await ArchiveHost.StartAsync(new ArchiveServerOptions
            {
                Folder = line["open ".Length..],
                FlushToDisk = arguments.Contains("flush"),
                Destination = title => known.TryGetValue(title, out var node) ? AssociationOptions.For(node) : null,
                Server = new DicomServerOptions { AETitle = AETitle, Address = IPAddress.Loopback, MaximumAssociations = 256 },
            });
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"port {server.Port}"));
        }

        if (server is not null)
            await server.DisposeAsync();
        return 0;
    }

    /// <summary>store FOLDER COUNT: sends the folder's first files at each "go PORT AETITLE".</summary>
    /// <param name="arguments">As above.</param>
    public static Task<int> StoreAsync(string[] arguments)
    {
        var count = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        var files = Directory.GetFiles(arguments[0]).Order(StringComparer.Ordinal).Take(count).ToArray();
        return EngineSide.ServeAsync(words => EngineSide.SendAsync(Node(words), files));
    }

    /// <summary>ask: at each "go PORT AETITLE KIND COUNT", so many queries of a kind one after another on one association.</summary>
    public static Task<int> AskAsync() => EngineSide.ServeAsync(async words =>
    {
        var kind = QueryKind.All.Single(kind => kind.Name == words[3]);
        var options = AssociationOptions.For(Node(words)) with
        {
            PresentationContexts = [new(Uids.StudyRootQueryRetrieveInformationModelFind,
                [TransferSyntax.ExplicitVRLittleEndian.Uid, TransferSyntax.ImplicitVRLittleEndian.Uid])],
        };
        await using var scu = await QueryScu.ConnectAsync(options, TimeSpan.FromSeconds(5), CancellationToken.None);
        var context = scu.ContextFor(Uids.StudyRootQueryRetrieveInformationModelFind)
            ?? throw new BenchmarkException("Queries are not accepted.");
        var found = 0;
        for (var number = 0; number < int.Parse(words[4], CultureInfo.InvariantCulture); number++)
        {
            await foreach (var response in scu.FindAsync(context, kind.Identifier(number), null, DicomPriority.Medium,
                CancellationToken.None))
            {
                if (response is { IsPending: true, Dataset: not null })
                    found++;
                else if (DimseStatus.CategoryOf(response.Command.Status) != DimseStatusCategory.Success)
                    throw new BenchmarkException($"{words[2]} answered {response.Command.Status:X4}H: {response.Command.ErrorComment}");
            }
        }

        await scu.ReleaseAsync(CancellationToken.None);
        return found;
    });

    private static DicomNode Node(string[] words) =>
        new() { AETitle = words[2], HostName = "127.0.0.1", Port = int.Parse(words[1], CultureInfo.InvariantCulture) };
}
