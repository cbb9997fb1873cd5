using System.Net.Http.Json;
using System.Text.Json.Nodes;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>Orthanc uses an archive of ours as its peer.</summary>
public class OrthancTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orthanc_stores_into_the_archive_finds_in_it_and_moves_from_it()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        var files = GeneratedStudy.Write(study.Path);
        // Each has to know the other's port: the archive learns Orthanc's when it is asked to move.
        var orthancPort = 0;
        await using var archive = await DicomPS.Archiving.Serving.ArchiveHost.StartAsync(
            new DicomPS.Archiving.Serving.ArchiveServerOptions
            {
                Folder = folder.Path,
                Destination = title => title == OrthancServer.AETitle
                    ? DicomPS.Associations.AssociationOptions.For(
                        Engine.Node(orthancPort, title) with { CallingAETitle = BoxArchive.AETitle })
                    : null,
                Server = new DicomPS.Scp.DicomServerOptions { AETitle = BoxArchive.AETitle, Address = System.Net.IPAddress.Loopback },
            },
            Cancellation);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, (BoxArchive.AETitle, archive.Port));
        orthancPort = orthanc.Port;
        foreach (var file in files)
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancellation));
            using var uploaded = await orthanc.Http.PostAsync(new Uri("instances", UriKind.Relative), content, Cancellation);
            Assert.True(uploaded.IsSuccessStatusCode, $"{file}: {uploaded.StatusCode}");
        }

        using var store = await orthanc.Http.PostAsJsonAsync("modalities/box/store", await orthanc.InstanceIdsAsync(Cancellation),
            Cancellation);
        Assert.True(store.IsSuccessStatusCode, archive.LastError + orthanc.Output);
        Assert.Equal(files.Count, archive.Served.Instances);
        await Compare.SameContentAsync(files, BoxArchive.Files(folder.Path), Cancellation);

        foreach (var id in await orthanc.InstanceIdsAsync(Cancellation))
        {
            using var deleted = await orthanc.Http.DeleteAsync(new Uri($"instances/{id}", UriKind.Relative), Cancellation);
            Assert.True(deleted.IsSuccessStatusCode, $"{id}: {deleted.StatusCode}");
        }

        using var query = await orthanc.Http.PostAsJsonAsync("modalities/box/query",
            new JsonObject { ["Level"] = "Study", ["Query"] = new JsonObject { ["PatientID"] = "PID 1" } }, Cancellation);
        var path = (await query.Content.ReadFromJsonAsync<JsonNode>(Cancellation))!["Path"]!.GetValue<string>().TrimStart('/');
        Assert.Single(await orthanc.Http.GetFromJsonAsync<string[]>($"{path}/answers", Cancellation) ?? []);

        using var retrieve = await orthanc.Http.PostAsJsonAsync($"{path}/retrieve",
            new JsonObject { ["TargetAet"] = OrthancServer.AETitle, ["Synchronous"] = true }, Cancellation);

        Assert.True(retrieve.IsSuccessStatusCode, archive.LastError + orthanc.Output);
        Assert.Equal(files.Count, (await orthanc.InstanceIdsAsync(Cancellation)).Length);
    }
}
