using System.Text;
using DicomPS.Archiving.Serving;
using DicomPS.Archiving.Storage;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Interop.Tests.Support;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Text;

namespace DicomPS.Interop.Tests.Archives;

/// <summary>An archive with a few studies in several scripts, filled once over the network.</summary>
public sealed class FilledArchive : IAsyncLifetime
{
    /// <summary>Each in its own character set: the end of its UIDs, its Specific Character Set and its name.</summary>
    public static readonly (string Study, string Set, string Name)[] Patients =
    [
        ("11", "GB18030", "Wang^XiaoDong=王^小东"),
        ("12", "\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        ("13", "ISO_IR 192", "Иванов^Иван"),
        ("14", "ISO_IR 100", "Müller^Jürgen"),
        ("15", "ISO_IR 6", "Schmitt^Hanna"),
    ];

    private readonly TempFolder _folder = new();
    private ArchiveHost? _archive;

    internal ArchiveHost Archive => _archive!;

    public int Port => _archive!.Port;

    public async ValueTask InitializeAsync()
    {
        var cancellation = TestContext.Current.CancellationToken;
        _archive = await BoxArchive.StartAsync(_folder.Subfolder("archive"), cancellation);
        var node = Engine.Node(_archive.Port, BoxArchive.AETitle);
        await QueryArchive.FillAsync(node, cancellation);
        var files = new List<string>();
        foreach (var (study, set, name) in Patients)
        {
            var dataset = new DicomDataset();
            dataset.SetCharacterSet(set == "ISO_IR 6" ? [] : set.Split('\\'));
            dataset.Set(Tags.SOPClassUID, Uids.CTImageStorage);
            dataset.Set(Tags.StudyInstanceUID, $"{QueryArchive.Root}.{study}");
            dataset.Set(Tags.SeriesInstanceUID, $"{QueryArchive.Root}.{study}.1");
            dataset.Set(Tags.SOPInstanceUID, $"{QueryArchive.Root}.{study}.1.1");
            dataset.Set(Tags.PatientID, $"C{study}");
            dataset.Set(Tags.PatientName, name);
            dataset.Set(Tags.StudyDate, "20200110");
            dataset.Set(Tags.StudyTime, study == "15" ? "083000" : "220000");
            dataset.Set(Tags.Modality, "CT");
            dataset.Set(Tags.KVP, "120");
            dataset.Set(Tags.ImageComments, $"by {name.Split('=')[^1]}");
            var code = new DicomDataset();
            code.Set(Tags.CodeValue, $"T-{study}");
            code.Set(Tags.CodingSchemeDesignator, "99TEST");
            dataset.SetSequence(Tags.AnatomicRegionSequence, code);
            dataset.Set(Tags.PixelData, Vr.OW, new byte[64]);
            files.Add(await Wire.SaveAsync(_folder.Combine($"{study}.dcm"), dataset, cancellation));
        }

        var sent = await Engine.SendAsync(node, files, cancellation);
        Assert.True(sent.All(result => result.Success), Engine.Failures(sent));
    }

    public async ValueTask DisposeAsync()
    {
        if (_archive is not null)
            await _archive.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>What an archive answers, as it is on the wire.</summary>
public sealed class WireTests(FilledArchive filled) : IClassFixture<FilledArchive>
{
    private const string StudyRoot = Uids.StudyRootQueryRetrieveInformationModelFind,
        PatientRoot = Uids.PatientRootQueryRetrieveInformationModelFind;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // The character set of the request, the key, what is found, and the character set of the answer: that of the request where it can
    // hold the name.
    public static TheoryData<string, string, string, string> Names => new()
    {
        { "ISO_IR 192", "*王*", "11", "ISO_IR 192" },
        { "GB18030", "*王^小东", "11", "GB18030" },
        { "GB18030", "wang*", "11", "GB18030" },
        { "ISO_IR 100", "wang*", "11", "ISO_IR 192" },
        { "ISO_IR 6", "WANG^XIAODONG", "11", "ISO_IR 192" },
        { "ISO_IR 192", "山田^太郎", "12", "ISO_IR 192" },
        { "\\ISO 2022 IR 87", "*=山田*=*", "12", "\\ISO 2022 IR 87" },
        { "ISO 2022 IR 13\\ISO 2022 IR 87", "yamada*", "12", "ISO 2022 IR 13\\ISO 2022 IR 87" },
        { "GB18030", "山田*", "12", "GB18030" },
        { "ISO_IR 192", "иванов*", "13", "ISO_IR 192" },
        { "ISO_IR 144", "Иванов^*", "13", "ISO_IR 144" },
        { "ISO_IR 192", "MÜLLER*", "14", "ISO_IR 192" },
        { "ISO_IR 100", "müller^j*", "14", "ISO_IR 100" },
        { "ISO_IR 109", "Müller^Jürgen", "14", "ISO_IR 109" },
        { "ISO_IR 144", "M?ller*", "14", "ISO_IR 192" },
        { "ISO_IR 6", "M?LLER*", "14", "ISO_IR 192" },
        { "ISO_IR 100", "schmitt*", "15", "" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Names_are_found_by_keys_in_any_character_set_and_answered_in_one_that_holds_them(string set, string key, string study,
        string answered)
    {
        var identifier = Wire.Identifier("STUDY", (Tags.StudyInstanceUID, ""));
        identifier.SetCharacterSet(set == "ISO_IR 6" ? [] : set.Split('\\'));
        identifier.Set(Tags.PatientName, key);
        identifier.Set(Tags.StudyDate, "20200110");

        var responses = await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation);

        Assert.Equal(0, responses[^1].Command.Status!.Value);
        var answer = Assert.Single(responses.SkipLast(1)).Dataset!;
        Assert.Equal($"{QueryArchive.Root}.{study}", answer.GetString(Tags.StudyInstanceUID));
        Assert.Equal(FilledArchive.Patients.Single(patient => patient.Study == study).Name, answer.GetText(Tags.PatientName));
        Assert.Equal(answered, string.Join('\\', answer.GetStrings(Tags.SpecificCharacterSet)));
    }

    [Theory]
    [InlineData(new byte[0], new byte[0])]
    [InlineData(new byte[] { 1 }, new byte[] { 1 })]
    [InlineData(new byte[] { 0, 1, 1 }, new byte[] { 0, 1, 1 })]
    [InlineData(new byte[] { 1, 1, 1, 1, 1 }, new byte[] { 1, 1, 1, 0, 0 })]
    public async Task Extended_negotiation_is_agreed_to_as_far_as_it_is_served(byte[] wishes, byte[] agreed)
    {
        await using var scu = await Wire.ConnectAsync(filled.Port, StudyRoot, Cancellation, wishes);
        Assert.Equal(agreed, Wire.Agreed(scu));
        await scu.ReleaseAsync(Cancellation);
    }

    [Fact]
    public async Task A_query_over_levels_is_answered_where_it_was_agreed_on_and_refused_where_not()
    {
        // Series of any study, found by an attribute of the study.
        var identifier = Wire.Identifier("SERIES", (Tags.AccessionNumber, "ACC1"), (Tags.SeriesInstanceUID, ""),
            (Tags.StudyInstanceUID, ""));

        var refused = Assert.Single(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)).Command;
        var alike = Assert.Single(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [0, 1, 1])).Command;
        var found = await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [1]);

        Assert.Equal((0xA900, 0xA900), (refused.Status!.Value, alike.Status!.Value));
        Assert.Contains("StudyInstanceUID", refused.ErrorComment, StringComparison.Ordinal);
        Assert.Equal([$"{QueryArchive.Root}.1.1", $"{QueryArchive.Root}.1.2"], Values(found, Tags.SeriesInstanceUID));
        // A study by what is below it.
        Assert.Equal(["1"],
            Studies(await Wire.FindAsync(filled.Port, StudyRoot,
                Wire.Identifier("STUDY", (Tags.Modality, "SR"), (Tags.StudyInstanceUID, "")), Cancellation, [1])));
        Assert.Equal(["1", "2"],
            Studies(await Wire.FindAsync(filled.Port, PatientRoot,
                Wire.Identifier("STUDY", (Tags.PatientName, "DOE*"), (Tags.StudyInstanceUID, "")), Cancellation, [1])));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Retrieval_over_levels_is_served_where_it_was_agreed_on_and_refused_where_not(bool agreed)
    {
        const string get = Uids.StudyRootQueryRetrieveInformationModelGet;
        var identifier = Wire.Identifier("IMAGE", (Tags.SOPInstanceUID, $"{QueryArchive.Root}.1.1.1\\{QueryArchive.Root}.3.1.1"));
        await using var scu = await Wire.ConnectAsync(filled.Port, get, Cancellation, agreed ? [1] : null,
            (Uids.CTImageStorage, Uids.ExplicitVRLittleEndian));
        var taken = new List<string>();
        ExchangeResponse? final = null;

        await foreach (var response in scu.GetAsync(Wire.Context(scu, get), identifier, TakeAsync, DicomPriority.Medium, Cancellation))
            final = response;
        await scu.ReleaseAsync(Cancellation);

        Assert.Equal(agreed ? 0 : 0xA900, final!.Command.Status!.Value);
        Assert.Equal(agreed ? [$"{QueryArchive.Root}.1.1.1", $"{QueryArchive.Root}.3.1.1"] : [], taken.Order(StringComparer.Ordinal));

        async Task<CommandSet> TakeAsync(DimseReader reader, DimseMessage message, CancellationToken token)
        {
            await Wire.ReadAsync(reader, token);
            taken.Add(message.Command.AffectedSopInstanceUid!);
            return message.Command.Respond(Statuses.Success);
        }
    }

    [Fact]
    public async Task Date_and_time_are_one_moment_where_it_was_agreed_on_and_two_ranges_where_not()
    {
        var identifier = Wire.Identifier("STUDY", (Tags.StudyDate, "20240102-20240104"), (Tags.StudyTime, "120000-010000"),
            (Tags.StudyInstanceUID, ""));
        Assert.Equal(["2", "3"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [0, 1])));
        identifier.Set(Tags.StudyTime, "100000-110000");
        Assert.Equal(["1"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)));
        Assert.Equal(["1", "2", "3"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [0, 1])));
    }

    [Theory]
    [InlineData("SHMIT^HANA")]
    [InlineData("Hannah Schmidt")]
    public async Task Names_match_by_sound_where_it_was_agreed_on(string name)
    {
        var identifier = Wire.Identifier("STUDY", (Tags.PatientName, name), (Tags.StudyInstanceUID, ""));
        Assert.Equal(["15"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [0, 0, 1])));
        Assert.Empty(Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation, [0, 0, 0])));
        Assert.Empty(Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)));
    }

    [Theory]
    [InlineData("STUDY")]
    [InlineData("SERIES")]
    [InlineData("IMAGE")]
    public async Task What_the_index_lacks_is_read_from_the_file_at_every_level(string level)
    {
        var identifier = Wire.Identifier(level, (Tags.StudyInstanceUID, $"{QueryArchive.Root}.11"), (Tags.KVP, ""),
            (Tags.ImageComments, ""));
        if (level != "STUDY")
            identifier.Set(Tags.SeriesInstanceUID, $"{QueryArchive.Root}.11.1");
        identifier.SetSequence(Tags.AnatomicRegionSequence);
        identifier.Set(Tags.DetectorID);

        var answer = Assert.Single((await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)).SkipLast(1)).Dataset!;

        Assert.Equal(("120", "by 王^小东"), (answer.GetString(Tags.KVP), answer.GetString(Tags.ImageComments)));
        Assert.Equal("T-11", Assert.Single(answer.GetItems(Tags.AnatomicRegionSequence)).GetString(Tags.CodeValue));
        // Asked for, and in no file: there, and empty.
        Assert.True(answer.Contains(Tags.DetectorID));
        Assert.Null(answer.GetString(Tags.DetectorID));
    }

    [Fact]
    public async Task What_the_index_lacks_can_be_a_key()
    {
        var region = new DicomDataset();
        region.Set(Tags.CodeValue, "T-12");
        var identifier = Wire.Identifier("STUDY", (Tags.KVP, "120"), (Tags.StudyInstanceUID, ""));
        Assert.Equal(["11", "12", "13", "14", "15"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)));
        identifier.SetSequence(Tags.AnatomicRegionSequence, region);
        Assert.Equal(["12"], Studies(await Wire.FindAsync(filled.Port, StudyRoot, identifier, Cancellation)));
    }

    [Fact]
    public async Task Numbers_modalities_availability_and_title_are_answered()
    {
        var study = Wire.Identifier(
            "STUDY", (Tags.StudyInstanceUID, $"{QueryArchive.Root}.1"), (Tags.ModalitiesInStudy, ""), (Tags.SOPClassesInStudy, ""),
            (Tags.NumberOfStudyRelatedSeries, ""),
            (Tags.NumberOfStudyRelatedInstances, ""), (Tags.NumberOfPatientRelatedStudies, ""), (Tags.InstanceAvailability, ""),
            (Tags.RetrieveAETitle, ""));
        var answer = Assert.Single((await Wire.FindAsync(filled.Port, StudyRoot, study, Cancellation)).SkipLast(1)).Dataset!;
        Assert.Equal(
            ("CT\\SR", Uids.CTImageStorage, "2", "3", "2", "ONLINE", BoxArchive.AETitle),
            (answer.GetText(Tags.ModalitiesInStudy), answer.GetText(Tags.SOPClassesInStudy),
                answer.GetString(Tags.NumberOfStudyRelatedSeries), answer.GetString(Tags.NumberOfStudyRelatedInstances),
                answer.GetString(Tags.NumberOfPatientRelatedStudies), answer.GetString(Tags.InstanceAvailability),
                answer.GetString(Tags.RetrieveAETitle)));

        var patient = Wire.Identifier(
            "PATIENT", (Tags.PatientID, "P1"), (Tags.NumberOfPatientRelatedStudies, ""), (Tags.NumberOfPatientRelatedSeries, ""),
            (Tags.NumberOfPatientRelatedInstances, ""));
        answer = Assert.Single((await Wire.FindAsync(filled.Port, PatientRoot, patient, Cancellation)).SkipLast(1)).Dataset!;
        Assert.Equal(
            ("2", "3", "4"),
            (answer.GetString(Tags.NumberOfPatientRelatedStudies), answer.GetString(Tags.NumberOfPatientRelatedSeries),
                answer.GetString(Tags.NumberOfPatientRelatedInstances)));

        var series = Wire.Identifier("SERIES", (Tags.StudyInstanceUID, $"{QueryArchive.Root}.1"),
            (Tags.SeriesInstanceUID, $"{QueryArchive.Root}.1.1"), (Tags.NumberOfSeriesRelatedInstances, ""));
        answer = Assert.Single((await Wire.FindAsync(filled.Port, StudyRoot, series, Cancellation)).SkipLast(1)).Dataset!;
        Assert.Equal("2", answer.GetString(Tags.NumberOfSeriesRelatedInstances));

        // Any of the values may match (PS3.4 C.3.4), and only the study that has it.
        Assert.Equal(["1"],
            Studies(await Wire.FindAsync(filled.Port, StudyRoot,
                Wire.Identifier("STUDY", (Tags.ModalitiesInStudy, "SR"), (Tags.StudyInstanceUID, "")), Cancellation)));
        Assert.Equal(["1", "3"],
            Studies(await Wire.FindAsync(filled.Port, StudyRoot,
                Wire.Identifier("STUDY", (Tags.ModalitiesInStudy, "SR\\MR"), (Tags.StudyInstanceUID, "")), Cancellation)));
    }

    // An element that claims more bytes than there are.
    private static readonly byte[] Broken = [0x08, 0x00, 0x52, 0x00, (byte)'C', (byte)'S', 0xFF, 0x7F, .. "STUDY "u8];

    [Theory]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, 0xC310)]
    [InlineData(Uids.PatientRootQueryRetrieveInformationModelFind, CommandField.CFindRequest, 0xC310)]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelGet, CommandField.CGetRequest, 0xC410)]
    [InlineData(Uids.CompositeInstanceRetrieveWithoutBulkDataGet, CommandField.CGetRequest, 0xC410)]
    [InlineData(Uids.StudyRootQueryRetrieveInformationModelMove, CommandField.CMoveRequest, 0xC510)]
    [InlineData(Uids.CTImageStorage, CommandField.CStoreRequest, 0xC210)]
    public async Task What_cannot_be_read_is_answered_with_the_status_of_its_service_by_archive_and_scp(string sopClass,
        CommandField field, int status)
    {
        var request = new CommandSet
        {
            Field = field,
            AffectedSopClassUid = sopClass,
            AffectedSopInstanceUid = field == CommandField.CStoreRequest ? "1.2.3" : null,
            MoveDestination = field == CommandField.CMoveRequest ? "OTHER" : null,
            Priority = DicomPriority.Medium,
        };
        await using var scp = DicomServer.Start(new DicomServerOptions(), new ServiceHandlers
        {
            Store = (call, _, _) => call.Reply(0),
            Find = (_, _, _) => throw new InvalidOperationException("not to be asked"),
            Move = (_, _, _) => throw new InvalidOperationException("not to be asked"),
            Get = (_, _, _) => throw new InvalidOperationException("not to be asked"),
        }.ToTable());

        Assert.Equal(((ushort)status, (ushort)status), await Wire.SendRawAsync(filled.Port, request, Broken, Cancellation));
        Assert.Equal(((ushort)status, (ushort)status), await Wire.SendRawAsync(scp.Port, request, Broken, Cancellation));
    }

    [Fact]
    public async Task The_receiver_of_a_move_hears_who_asked_and_with_which_message()
    {
        using var arrived = new TempFolder();
        using var folder = new TempFolder();
        await using var receiver = Engine.Receive(arrived);
        await using var archive = await BoxArchive.StartAsync(folder.Path, Cancellation, ("OTHER", receiver.Port));
        await QueryArchive.FillAsync(Engine.Node(archive.Port, BoxArchive.AETitle), Cancellation);
        await using var scu = await Wire.ConnectAsync(archive.Port, Uids.StudyRootQueryRetrieveInformationModelMove, Cancellation);
        var identifier = Wire.Identifier("STUDY", (Tags.StudyInstanceUID, $"{QueryArchive.Root}.1"));

        await foreach (var response in scu.MoveAsync(Wire.Context(scu, Uids.StudyRootQueryRetrieveInformationModelMove), identifier,
            "OTHER", 4711, DicomPriority.Medium, Cancellation))
            Assert.Contains(response.Command.Status!.Value, new ushort[] { 0xFF00, 0 });
        await scu.ReleaseAsync(Cancellation);

        var received = new List<ReceivedInstance>();
        while (receiver.TryReceive(out var instance))
            received.Add(instance);
        Assert.Equal(3, received.Count);
        Assert.All(received, instance => Assert.Equal(
            (Retrieval.OurAETitle, (ushort?)4711, BoxArchive.AETitle, "OTHER"),
            (instance.MoveOriginatorAETitle, instance.MoveOriginatorMessageID, instance.CallingAETitle, instance.CalledAETitle)));
    }

    private static string[] Studies(List<ExchangeResponse> responses) =>
        [.. Values(responses, Tags.StudyInstanceUID).Select(uid => uid[(QueryArchive.Root.Length + 1)..])];

    private static string[] Values(List<ExchangeResponse> responses, DicomTag tag)
    {
        Assert.Equal(0, responses[^1].Command.Status!.Value);
        return [.. responses.SkipLast(1).Select(response => response.Dataset!.GetString(tag)!).Order(StringComparer.Ordinal)];
    }
}
