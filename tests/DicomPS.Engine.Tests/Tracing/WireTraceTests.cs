using System.Text.RegularExpressions;
using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Pdus;
using DicomPS.Pdus;
using DicomPS.Scp;
using DicomPS.Scu;
using DicomPS.Serialization;
using DicomPS.Tracing;

namespace DicomPS.Engine.Tests.Tracing;

public class WireTraceTests
{
    private static readonly Regex Varying = new(@"\d\d:\d\d:\d\d\.\d{3}|^# .*|^#\d+|closed after [0-9.]+ s", RegexOptions.Multiline);

    [Theory]
    [InlineData("A-ASSOCIATE-RQ", "A calls SIXTEEN_LETTERS_, 2 presentation contexts",
        "context 1: 1.2.840.10008.1.1 Verification SOP Class", "proposed: 1.2.840.10008.1.2.4.50 JPEG Baseline (Process 1)",
        "maximum PDU length: no limit", "operations window: 16 invoked, 0 performed",
        "roles of the requestor for 1.2.840.10008.5.1.4.1.1.2 CT Image Storage: SCP",
        "relational yes, combined date-time no, fuzzy names yes",
        "service class 1.2.840.10008.4.2 Storage Service Class, related to 1.2.4",
        "user identity: UserNameAndPasscode, 4 bytes not shown, passcode of 7 bytes not shown", "unknown user item 7A, 3 bytes: 09 08 07",
        "unknown item 60, 2 bytes: 01 02")]
    [InlineData("A-ASSOCIATE-AC", "1 of 2 presentation contexts accepted", "accepted: 1.2.840.10008.1.2 Implicit VR Little Endian",
        "transfer syntaxes not supported (result 4)", "maximum PDU length: 16384")]
    [InlineData("A-ASSOCIATE-RJ", "refused permanently: called AE title not recognized (service user; result 1, source 1, reason 7)")]
    [InlineData("A-RELEASE-RQ", "A-RELEASE-RQ; 10 bytes")]
    [InlineData("A-RELEASE-RP", "A-RELEASE-RP; 10 bytes")]
    [InlineData("A-ABORT", "by the service provider: invalid PDU parameter value (source 2, reason 6)")]
    [InlineData("unknown PDU", "not decodable from here on: There is no PDU of type 42", "it begins with 42 00 00 00 00 03 01 02 03")]
    public void Every_PDU_is_told_by_name(string name, params string[] expected)
    {
        using var bench = new TraceBench();
        bench.Receive(PduWriter.ToArray(PduSamples.Pdus[name]));
        Assert.All(expected, text => Assert.Contains(text, bench.Text));
        Assert.Contains(bench.Lines, line => line.Contains(" <-- "));
        Assert.DoesNotContain("sécret", bench.Text);
        Assert.DoesNotContain("Zoë", bench.Text);
    }

    [Fact]
    public void Commands_and_datasets_are_told_element_by_element()
    {
        using var bench = new TraceBench().Associate();
        bench.SendCommand(new CommandSet
        {
            Field = CommandField.CStoreRequest, MessageId = 7, HasDataset = true,
            AffectedSopClassUid = Uids.CTImageStorage, AffectedSopInstanceUid = "1.2.3.4"
        });
        var dataset = new DicomDataset();
        dataset.Set(Tags.Modality, Vr.CS, "CT");
        bench.SendDataset(dataset);
        bench.Receive(TraceBench.Data(true,
            CommandWriter.Encode(new CommandSet { Field = CommandField.CStoreResponse, RespondedTo = 7, Status = 0xA700 })));
        Assert.Matches(@"#\d+ \d\d:\d\d:\d\d\.\d{3} --> C-STORE request 7; context 1, command, \d+ bytes in 1 PDV", bench.Text);
        Assert.Matches(@"\(0000,0100\) US CommandField +0001H", bench.Text);
        Assert.Matches(@"\(0000,0002\) UI AffectedSOPClassUID +1\.2\.840\.10008\.5\.1\.4\.1\.1\.2 CT Image Storage", bench.Text);
        Assert.Matches(@"\(0008,0060\) CS Modality +\[CT\]", bench.Text);
        Assert.Contains("<-- C-STORE response to 7: Failure: Refused: Out of Resources (A700)", bench.Text);
        Assert.Equal(2, bench.Commands.Count);
        Assert.EndsWith("--> C-STORE request 7, CT Image Storage, instance 1.2.3.4, with dataset", bench.Commands[0]);
    }

    [Fact]
    public void Bytes_that_come_one_by_one_make_the_same_trace()
    {
        string Traced(int step)
        {
            using var bench = new TraceBench();
            var bytes = PduSamples.Pdus.Where(pdu => pdu.Key is not "unknown PDU")
                .SelectMany(pdu => PduWriter.ToArray(pdu.Value)).ToArray();
            for (var at = 0; at < bytes.Length; at += step)
                bench.Receive(bytes[at..Math.Min(bytes.Length, at + step)]);
            bench.Close();
            return Varying.Replace(bench.Text, "");
        }

        var whole = Traced(int.MaxValue / 2);
        Assert.Contains("A-ABORT", whole);
        Assert.Equal(whole, Traced(1));
        Assert.Equal(whole, Traced(7));
    }

    [Fact]
    public void Of_a_long_dataset_the_first_elements_are_told_when_they_are_there_and_the_rest_is_counted()
    {
        using var bench = new TraceBench().Associate();
        var dataset = new DicomDataset();
        dataset.Set(Tags.Modality, Vr.CS, "CT");
        dataset.Add(DicomValue.Create(Tags.PixelData, Vr.OW, new byte[300_000]));
        var bytes = DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);
        bench.Send(TraceBench.Data(false, bytes[..200_000], isLast: false));
        Assert.Contains("its first 65536 bytes", bench.Text);
        Assert.Contains("[CT]", bench.Text);
        bench.Send(TraceBench.Data(false, bytes[200_000..]));
        Assert.Contains($"ends: {bytes.Length} bytes in 2 PDVs of up to 200000", bench.Text);
        Assert.Single(Regex.Matches(bench.Text, "Modality").Cast<Match>());
        Assert.True(bench.Text.Length < 5000);
    }

    [Fact]
    public void A_dataset_that_breaks_off_is_told_at_the_end()
    {
        using var bench = new TraceBench().Associate();
        bench.Send(TraceBench.Data(false, new byte[100], isLast: false));
        bench.Close();
        Assert.Contains("dataset, context 1, breaks off after 100 bytes in 1 PDV", bench.Text);
        Assert.Contains("--- closed after", bench.Text);
    }

    [Theory]
    [InlineData(true, 64)]
    [InlineData(false, 16)]
    public void What_is_no_DICOM_shows_its_first_bytes_and_no_more(bool includePatientData, int most)
    {
        using var bench = new TraceBench(includePatientData);
        bench.Receive([.. "HTTP/1.1 400 Bad Request\r\nServer: "u8, .. new byte[5000]]);
        bench.Receive("and more of it"u8.ToArray());
        Assert.Contains("48 54 54 50", bench.Text);
        var shown = bench.Lines.Single(line => line.Contains("it begins with"));
        Assert.Equal(most, Regex.Matches(shown[shown.IndexOf("with", StringComparison.Ordinal)..].Split('"')[0], "[0-9A-F]{2} ").Count);
        Assert.DoesNotContain("and more", bench.Text);
    }

    [Fact]
    public void Nothing_that_a_peer_sends_makes_a_line_of_its_own_or_steers_a_terminal()
    {
        using var bench = new TraceBench(includePatientData: true).Associate();
        bench.Receive(PduWriter.ToArray(new AssociateRq
        {
            CalledAETitle = "X\n#9 fake", CallingAETitle = "\u001b[31mred",
            UserItems = [new ImplementationVersionName("a\r\nb")]
        }));
        var dataset = new DicomDataset();
        dataset.Set(Tags.SpecificCharacterSet, Vr.CS, "ISO_IR 192");
        dataset.Add(DicomValue.Create(Tags.ImageComments, Vr.LT, "one\r\n#1 two\u001b[2J\u2028three \u202Efour"u8.ToArray()));
        bench.SendDataset(dataset);
        Assert.All(bench.Lines, line => Assert.Matches("^(# DicomPS|#[0-9]+ ([0-9:.]+ (-->|<--|---)|   ))", line));
        Assert.DoesNotContain(bench.Text.Replace(Environment.NewLine, ""), c => char.IsControl(c) || c is '\u2028' or '\u202E');
    }

    [Fact]
    public void A_file_that_is_full_ends_the_trace_once_and_says_so()
    {
        using var bench = new TraceBench(maximumBytes: 2000);
        for (var i = 0; i < 50; i++)
            bench.Receive(PduWriter.ToArray(PduSamples.Pdus["A-ASSOCIATE-AC"]));
        Assert.IsType<DicomException>(Assert.Single(bench.Failures));
        Assert.Contains("The trace ends here", bench.Lines[^1]);
        Assert.True(bench.Text.Length < 3000);
    }

    [Fact]
    public void A_hundred_contexts_are_a_short_story()
    {
        using var bench = new TraceBench();
        var classes = DicomDictionary.SopClasses(SopClassService.Storage).Take(50).Select(entry => entry.Uid).ToArray();
        var contexts = classes.SelectMany((uid, i) => new PresentationContextRq[]
            { new((byte)(4 * i + 1), uid, [Uids.ExplicitVRLittleEndian]), new((byte)(4 * i + 3), uid, [Uids.JPEG2000Lossless]) }).ToArray();
        var request = new AssociateRq { CalledAETitle = "A", CallingAETitle = "B", PresentationContexts = contexts };
        var answers =
            contexts.Select((context, i) => new PresentationContextAc(context.Id, (byte)(i % 2 == 0 ? 0 : 4), context.TransferSyntaxes[0]))
                .ToArray();
        bench.Step(new AssociationEvent(AssociationEventKind.Requested, DicomStage.Association, TimeSpan.Zero, "asked") { Pdu = request });
        bench.Step(new AssociationEvent(AssociationEventKind.Accepted, DicomStage.Association, TimeSpan.Zero, "50 of 100 accepted")
        { Pdu = new AssociateAc { CalledAETitle = "A", CallingAETitle = "B", PresentationContexts = answers } });
        Assert.Equal(6, bench.Story.Count);
        Assert.Matches("proposed in Explicit VR Little Endian: .* and 44 more$", bench.Story[1]);
        Assert.Contains(bench.Story, line => line.Contains("accepted in Explicit VR Little Endian: "));
        Assert.Contains(bench.Story, line => line.Contains("refused, transfer syntaxes not supported: "));
    }

    [Fact]
    public async Task Both_ends_of_a_real_association_write_into_one_file_and_let_it_go()
    {
        using var folder = new Support.TemporaryFolder();
        var path = Path.Combine(folder.Path, "trace.txt");
        await using (var server = DicomServer.Start(
            new DicomServerOptions { Wire = new WireTrace(new WireTraceOptions { Path = path, Title = "server" }) },
            new ServiceTable([EchoScp.Row])))
        {
            var trace = new WireTrace(new WireTraceOptions { Path = path, Title = "client" });
            trace.Check();
            var node = new DicomNode { AETitle = "PEER", HostName = "127.0.0.1", Port = server.Port };
            var result = await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node) with { Wire = trace.Tap }, 3,
                TestContext.Current.CancellationToken);
            Assert.True(result.Success, result.Failure);
        }

        var lines = File.ReadAllLines(path);
        Assert.Equal(3, lines.Count(line => line.Contains("--> C-ECHO request")));
        Assert.Equal(3, lines.Count(line => line.Contains("<-- C-ECHO request")));
        Assert.Equal(2, lines.Count(line => line.Contains("--- closed after") && line.Contains("6 messages")));
        Assert.Equal(2, lines.Count(line => line.StartsWith("# DicomPS: trace of", StringComparison.Ordinal)));
        // Nobody holds it any more.
        using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public async Task A_trace_that_cannot_be_written_does_not_disturb_the_association()
    {
        using var folder = new Support.TemporaryFolder();
        var trace = new WireTrace(new WireTraceOptions { Path = Path.Combine(folder.Path, "gone", "trace.txt") });
        var failures = new List<Exception>();
        trace.Failed += failures.Add;
        Assert.Throws<DirectoryNotFoundException>(trace.Check);
        await using var server = DicomServer.Start(new DicomServerOptions(), new ServiceTable([EchoScp.Row]));
        var node = new DicomNode { AETitle = "PEER", HostName = "127.0.0.1", Port = server.Port };
        var result = await EchoScu.DiagnoseAsync(node, AssociationOptions.For(node) with { Wire = trace.Tap }, 3,
            TestContext.Current.CancellationToken);
        Assert.True(result.Success, result.Failure);
        Assert.Contains("trace.txt", Assert.Single(failures).Message);
    }
}
