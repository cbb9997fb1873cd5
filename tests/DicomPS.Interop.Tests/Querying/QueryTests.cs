using System.Globalization;
using DicomPS.Associations;
using DicomPS.Dictionary;
using DicomPS.Interop.Tests.Support;
using DicomPS.Matching;
using DicomPS.Querying;
using static DicomPS.Interop.Tests.Support.QueryArchive;

namespace DicomPS.Interop.Tests.Querying;

/// <summary>An archive of each kind, filled once.</summary>
public sealed class QueryPeers : IAsyncLifetime
{
    private DcmqrscpServer? _dcmqrscp;
    private OrthancServer? _orthanc;

    /// <summary>The node of an archive; the test is skipped where it is not installed.</summary>
    /// <param name="name">dcmqrscp or orthanc.</param>
    public async Task<DicomNode> NodeAsync(string name)
    {
        var cancellation = TestContext.Current.CancellationToken;
        if (name == "orthanc")
        {
            if (_orthanc is null)
            {
                _orthanc = await OrthancServer.StartAsync(cancellation);
                await FillAsync(Engine.Node(_orthanc.Port, OrthancServer.AETitle), cancellation);
            }

            return Engine.Node(_orthanc.Port, OrthancServer.AETitle);
        }

        if (_dcmqrscp is null)
        {
            _dcmqrscp = await DcmqrscpServer.StartAsync(cancellation);
            await FillAsync(Engine.Node(_dcmqrscp.Port, DcmqrscpServer.AETitle), cancellation);
        }

        return Engine.Node(_dcmqrscp.Port, DcmqrscpServer.AETitle);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        if (_dcmqrscp is not null)
            await _dcmqrscp.DisposeAsync();
        if (_orthanc is not null)
            await _orthanc.DisposeAsync();
    }
}

/// <summary>What the Find cmdlets ask of real archives.</summary>
public class QueryTests(QueryPeers peers) : IClassFixture<QueryPeers>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dcmqrscp", InformationModel.StudyRoot)]
    [InlineData("dcmqrscp", InformationModel.PatientRoot)]
    [InlineData("orthanc", InformationModel.StudyRoot)]
    [InlineData("orthanc", InformationModel.PatientRoot)]
    public async Task Every_level_is_found_from_the_one_above(string peer, InformationModel model)
    {
        var node = await peers.NodeAsync(peer);
        var patients = (await FindAsync(node, new QueryRequest { Level = QueryLevel.Patient }, Cancellation)).Cast<Patient>().ToList();
        Assert.Equal(["P1", "P2", "P3", "P4", "P5"], patients.Select(patient => patient.PatientID).Order());
        Assert.Contains("DOE^JOHN", patients.Select(patient => patient.PatientName));

        var studies =
            (await FindAsync(node, new QueryRequest { Model = model, Targets = [Keys((Tags.PatientID, "P1"))] },
                Cancellation)).Cast<Study>().ToList();
        Assert.Equal([$"{Root}.1", $"{Root}.2"], studies.Select(study => study.StudyInstanceUID).Order());
        var first = studies.Single(study => study.StudyInstanceUID == $"{Root}.1");
        Assert.Equal((new DateTime(2024, 1, 2, 10, 15, 0), "ACC1", "Study 1", "P1"),
            (first.StudyDate, first.AccessionNumber, first.StudyDescription, first.PatientID));

        var series = (await FindAsync(
            node, new QueryRequest
            {
                Level = QueryLevel.Series, Model = model,
                Targets = [Keys((Tags.PatientID, "P1"), (Tags.StudyInstanceUID, $"{Root}.1"))]
            }, Cancellation)).Cast<Series>().ToList();
        Assert.Equal([("CT", 1), ("SR", 2)], series.Select(one => (one.Modality!, one.SeriesNumber!.Value)).Order());
        Assert.All(series, one => Assert.Equal(($"{Root}.1", "P1"), (one.StudyInstanceUID, one.PatientID)));

        var instances = (await FindAsync(
            node,
            new QueryRequest
            {
                Level = QueryLevel.Image,
                Model = model,
                Targets = [Keys((Tags.PatientID, "P1"), (Tags.StudyInstanceUID, $"{Root}.1"), (Tags.SeriesInstanceUID, $"{Root}.1.1"))],
            },
            Cancellation)).Cast<Instance>().ToList();
        Assert.Equal([$"{Root}.1.1.1", $"{Root}.1.1.2"], instances.Select(instance => instance.SOPInstanceUID).Order());
        Assert.Equal([1, 2], instances.Select(instance => instance.InstanceNumber!.Value).Order());
    }

    [Fact]
    public async Task Patient_Study_Only_is_asked_where_it_is_served()
    {
        var node = await peers.NodeAsync("dcmqrscp");
        var studies = await FindAsync(node, new QueryRequest
        {
            Model = InformationModel.PatientStudyOnly,
            Targets = [Keys((Tags.PatientID, "P2"))]
        }, Cancellation);
        Assert.Equal($"{Root}.3", Assert.Single(studies.Cast<Study>()).StudyInstanceUID);
    }

    [Theory]
    [InlineData("dcmqrscp")]
    [InlineData("orthanc")]
    public async Task Ranges_of_days_and_of_time_over_midnight_find_what_lies_in_them(string peer)
    {
        var node = await peers.NodeAsync(peer);
        Assert.Equal("1 2", await StudiesAsync(node, new QueryRequest { After = At("2024-01-02"), Before = At("2024-01-04") }));
        Assert.Equal("3 4 5 6", await StudiesAsync(node, new QueryRequest { After = At("2024-01-04") }));
        Assert.Equal("1", await StudiesAsync(node, new QueryRequest { Before = At("2024-01-03") }));
        Assert.Equal("2 3", await StudiesAsync(node, new QueryRequest { After = At("2024-01-03 23:00"), Before = At("2024-01-04 01:00") }));
        Assert.Equal("2", await StudiesAsync(node, new QueryRequest { After = At("2024-01-03 23:00"), Before = At("2024-01-04 00:30") }));
        Assert.Equal("2 3 4", await StudiesAsync(node,
            new QueryRequest { After = At("2024-01-02 12:00"), Before = At("2024-01-05 12:00:01") }));
        Assert.Equal("1 2 3 4 5 6", await StudiesAsync(node,
            new QueryRequest { After = At("2024-01-01"), Before = At("2024-01-31"), Split = QuerySplit.Day }));
    }

    [Theory]
    [InlineData("dcmqrscp")]
    [InlineData("orthanc")]
    public async Task Wildcards_and_lists_find_what_they_say(string peer)
    {
        var node = await peers.NodeAsync(peer);
        Assert.Equal("1 2", await StudiesAsync(node, new QueryRequest { Keys = Keys((Tags.PatientName, "DOE*")) }));
        Assert.Equal("1 2 3", await StudiesAsync(node, new QueryRequest { Keys = Keys((Tags.PatientName, "?OE^J*")) }));
        Assert.Equal("3", await StudiesAsync(node, new QueryRequest { Keys = Keys((Tags.AccessionNumber, "ACC3")) }));
        Assert.Equal("2 4 6", await StudiesAsync(node,
            new QueryRequest { Targets = [Keys((Tags.StudyInstanceUID, $"{Root}.2\\{Root}.4\\{Root}.6\\{Root}.99"))] }));
        Assert.Equal("1 2 3", await StudiesAsync(node, new QueryRequest { Targets = [Keys((Tags.PatientID, "P1\\P2"))] }));
        Assert.Equal("", await StudiesAsync(node, new QueryRequest { Keys = Keys((Tags.PatientName, "NOBODY*")) }));
    }

    [Theory]
    [InlineData("dcmqrscp", "*山田*", "4", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [InlineData("dcmqrscp", "Иванов*", "5", "Иванов^Иван")]
    [InlineData("dcmqrscp", "قباني*", "6", "قباني^لنزار")]
    [InlineData("orthanc", "*山田*", "4", "Yamada^Tarou=山田^太郎=やまだ^たろう")]
    [InlineData("orthanc", "Иванов*", "5", "Иванов^Иван")]
    [InlineData("orthanc", "قباني*", "6", "قباني^لنزار")]
    public async Task Names_are_found_in_their_own_script_and_come_back_in_it(string peer, string name, string study, string whole)
    {
        var node = await peers.NodeAsync(peer);
        var found =
            Assert.Single((await FindAsync(node, new QueryRequest { Keys = Keys((Tags.PatientName, name)) }, Cancellation)).Cast<Study>());
        Assert.Equal($"{Root}.{study}", found.StudyInstanceUID);
        Assert.Equal(whole, found.PatientName);
    }

    private static async Task<string> StudiesAsync(DicomNode node, QueryRequest request) => string.Join(
        " ", (await FindAsync(node, request, Cancellation)).Cast<Study>().Select(study => study.StudyInstanceUID![(Root.Length + 1)..])
            .Order(StringComparer.Ordinal));

    private static DateTime At(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);
}
