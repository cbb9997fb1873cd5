using DicomPS.Associations;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Dimse;
using DicomPS.Engine.Tests.Support;
using DicomPS.Pdus;
using DicomPS.Serialization;
using DicomPS.Tracing;

namespace DicomPS.Engine.Tests.Tracing;

/// <summary>A trace fed with bytes, without any socket.</summary>
internal sealed class TraceBench : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WireTap _tap;

    public TraceBench(bool includePatientData = false, long maximumBytes = 1L << 30)
    {
        Path = System.IO.Path.Combine(_folder.Path, "trace.txt");
        var trace = new WireTrace(new WireTraceOptions
        {
            Path = Path,
            Title = "a test",
            IncludePatientData = includePatientData,
            MaximumBytes = maximumBytes,
            Story = Story.Add,
            Commands = Commands.Add,
        });
        trace.Failed += Failures.Add;
        _tap = trace.Tap("PEER@host:104")!;
    }

    public string Path { get; }

    public List<string> Story { get; } = [];

    public List<string> Commands { get; } = [];

    public List<Exception> Failures { get; } = [];

    /// <summary>The file so far.</summary>
    public string Text => File.ReadAllText(Path);

    public string[] Lines => File.ReadAllLines(Path);

    public void Send(params byte[] bytes) => _tap.Bytes!(true, bytes);

    public void Receive(params byte[] bytes) => _tap.Bytes!(false, bytes);

    public void Step(AssociationEvent step) => _tap.Step!(step);

    public void Close() => _tap.Closed!(null);

    /// <summary>An association that accepts context 1 for CT images in the transfer syntax.</summary>
    public TraceBench Associate(string transferSyntax = Uids.ExplicitVRLittleEndian)
    {
        Send(PduWriter.ToArray(new AssociateRq
        {
            CalledAETitle = "PEER", CallingAETitle = "US",
            PresentationContexts = [new(1, Uids.CTImageStorage, [transferSyntax])]
        }));
        Receive(PduWriter.ToArray(new AssociateAc
        {
            CalledAETitle = "PEER", CallingAETitle = "US",
            PresentationContexts = [new(1, 0, transferSyntax)]
        }));
        return this;
    }

    public void SendCommand(CommandSet command) => Send(Data(isCommand: true, CommandWriter.Encode(command)));

    public void SendDataset(DicomDataset dataset, string transferSyntax = Uids.ExplicitVRLittleEndian) =>
        Send(Data(isCommand: false, DatasetWriter.ToArray(dataset, TransferSyntax.Find(transferSyntax))));

    /// <summary>One PDU with one PDV in context 1.</summary>
    public static byte[] Data(bool isCommand, byte[] bytes, bool isLast = true) =>
        PduWriter.ToArray(new PData([new Pdv(1, isCommand, isLast, bytes)]));

    public void Dispose()
    {
        Close();
        _folder.Dispose();
    }
}
