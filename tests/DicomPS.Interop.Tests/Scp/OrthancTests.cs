using System.Net.Http.Json;
using DicomPS.Interop.Tests.Support;

namespace DicomPS.Interop.Tests.Scp;

/// <summary>Orthanc echoes and sends to us, as a PACS that forwards does.</summary>
public class OrthancTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orthanc_echoes_to_us_and_forwards_a_study()
    {
        using var folder = new TempFolder();
        using var study = new TempFolder();
        var files = GeneratedStudy.Write(study.Path);
        await using var server = Engine.Receive(folder);
        await using var orthanc = await OrthancServer.StartAsync(Cancellation, ("OURS", server.Port));
        foreach (var file in files)
        {
            using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancellation));
            using var uploaded = await orthanc.Http.PostAsync(new Uri("instances", UriKind.Relative), content, Cancellation);
            Assert.True(uploaded.IsSuccessStatusCode, $"{file}: {uploaded.StatusCode}");
        }

        using var echo = await orthanc.Http.PostAsJsonAsync("modalities/ours/echo", new { }, Cancellation);
        using var store = await orthanc.Http.PostAsJsonAsync("modalities/ours/store", await orthanc.InstanceIdsAsync(Cancellation),
            Cancellation);

        Assert.True(echo.IsSuccessStatusCode, orthanc.Output);
        Assert.True(store.IsSuccessStatusCode, server.LastError + orthanc.Output);
        await Compare.SameContentAsync(files, folder.Files(), Cancellation);
    }
}
