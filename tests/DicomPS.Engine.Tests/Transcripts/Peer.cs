namespace DicomPS.Engine.Tests.Transcripts;

/// <summary>What scripts of peers say, in bytes that nothing of the engine's DIMSE made.</summary>
internal static class Peer
{
    public const string Study1 = "1.2.3.1", Series1 = "1.2.3.1.1", CT1 = "1.2.3.1.1.1", CT2 = "1.2.3.1.1.2", CT3 = "1.2.3.1.1.3";

    /// <summary>
    /// Accepts every context in its first transfer syntax, but those that are refused, and gives back the roles that are asked for.
    /// </summary>
    public static async Task<AssociateRq> TakeAsync(this ScriptedPeer peer, params string[] refused)
    {
        var request = await peer.ReadAsync<AssociateRq>();
        var answer = ScriptedPeer.Answer(request);
        await peer.SendAsync(answer with
        {
            PresentationContexts = [.. request.PresentationContexts.Zip(answer.PresentationContexts, (asked, taken) =>
                Array.IndexOf(refused, asked.AbstractSyntax) >= 0 ? taken with { Result = 3 } : taken)],
            UserItems = [.. answer.UserItems, .. request.UserItems.OfType<RoleSelection>()],
        });
        return request;
    }

    /// <summary>Asks for an association and takes its answer, whatever it is.</summary>
    public static async Task<Pdu?> AskAsync(this ScriptedPeer peer, IEnumerable<(string SopClass, string Syntax)> contexts,
        params UserItem[] items)
    {
        var request = ScriptedPeer.Request();
        await peer.SendAsync(request with
        {
            CalledAETitle = "OURS",
            CallingAETitle = "PEER",
            PresentationContexts = [.. contexts.Select(
                (context, i) => new PresentationContextRq((byte)(2 * i + 1), context.SopClass, [context.Syntax]))],
            UserItems = [.. request.UserItems, .. items],
        });
        return await peer.ReadPduAsync();
    }

    public static Task<Pdu?> AskAsync(this ScriptedPeer peer, params string[] sopClasses) =>
        peer.AskAsync(sopClasses.Select(uid => (uid, Uids.ExplicitVRLittleEndian)));

    /// <summary>The next request; it is none when the engine releases instead.</summary>
    public static async Task<(CommandSet Command, byte Context, byte[] Dataset)> RequestAsync(this ScriptedPeer peer) =>
        await peer.ReadMessageAsync() ?? throw new InvalidOperationException("No message came.");

    /// <summary>Gives a release back; where the engine aborts instead, the transcript has it.</summary>
    public static async Task ReleasedAsync(this ScriptedPeer peer)
    {
        if (await peer.ReadPduAsync() is ReleaseRq)
            await peer.SendAsync(new ReleaseRp());
    }

    /// <summary>Releases from this side.</summary>
    public static async Task ReleaseAsync(this ScriptedPeer peer)
    {
        await peer.SendAsync(new ReleaseRq());
        await peer.ReadAsync<ReleaseRp>();
    }

    /// <summary>Answers a request: its own elements given back, the status, more elements, and a dataset if there is one.</summary>
    public static async Task AnswerAsync(
        this ScriptedPeer peer, (CommandSet Command, byte Context, byte[] Dataset) to, ushort status, byte[]? dataset = null,
        params (uint Tag, byte[] Value)[] more)
    {
        var command = to.Command;
        (uint Tag, byte[]? Value)[] elements =
        [
            (0x00000002, Text(command.AffectedSopClassUid ?? command.RequestedSopClassUid)),
            (0x00000100, RawPeer.Short((ushort)((ushort)command.Field | 0x8000))),
            (0x00000120, RawPeer.Short(command.MessageId)),
            (0x00000800, dataset is null ? RawPeer.None : RawPeer.Some),
            (0x00000900, RawPeer.Short(status)),
            (0x00001000, Text(command.AffectedSopInstanceUid)),
        ];
        await peer.SendMessageAsync(to.Context,
            [.. elements.Where(element => more.All(other => other.Tag != element.Tag)), .. more.Select(m => (m.Tag, (byte[]?)m.Value))],
            dataset);
    }

    /// <summary>A command with its group length, and a dataset if there is one.</summary>
    public static async Task SendMessageAsync(this ScriptedPeer peer, byte context, IEnumerable<(uint Tag, byte[]? Value)> elements,
        byte[]? dataset)
    {
        var command = RawPeer.Command([.. elements.OrderBy(element => element.Tag)]);
        await peer.SendCommandAsync([.. RawPeer.Command((0x00000000, RawPeer.Long(command.Length))), .. command], context);
        if (dataset is { })
            await peer.SendDatasetAsync(dataset, context);
    }

    /// <summary>A request of the peer.</summary>
    public static Task SendRequestAsync(
        this ScriptedPeer peer, byte context, CommandField field, ushort id, string sopClass, byte[]? dataset = null,
        params (uint Tag, byte[] Value)[] more) =>
        peer.SendMessageAsync(context,
        [
            ((uint)(field is CommandField.NActionRequest ? 0x00000003 : 0x00000002), Text(sopClass)),
            (0x00000100, RawPeer.Short((ushort)field)),
            (0x00000110, RawPeer.Short(id)),
            (0x00000800, dataset is null ? RawPeer.None : RawPeer.Some),
            .. more.Select(m => (m.Tag, (byte[]?)m.Value)),
        ], dataset);

    /// <summary>C-STORE of an instance.</summary>
    public static Task StoreAsync(this ScriptedPeer peer, byte context, ushort id, DicomDataset instance, byte[]? bytes = null) =>
        peer.SendRequestAsync(context, CommandField.CStoreRequest, id, instance.GetString(Tags.SOPClassUID)!, bytes ?? Explicit(instance),
            (0x00000700, RawPeer.Short(0)), (0x00001000, RawPeer.Text(instance.GetString(Tags.SOPInstanceUID)!)));

    public static Task CancelAsync(this ScriptedPeer peer, byte context, ushort id) =>
        peer.SendMessageAsync(context, [(0x00000100, RawPeer.Short(0x0FFF)), (0x00000120, RawPeer.Short(id)), (0x00000800, RawPeer.None)],
            null);

    /// <summary>Numbers of sub-operations (PS3.7 9.1.4.1): remaining, completed, failed, warning.</summary>
    public static (uint, byte[])[] Counts(int? remaining, int completed, int failed, int warning) =>
    [
        .. remaining is { } left ? new[] { (0x00001020u, RawPeer.Short((ushort)left)) } : [],
        (0x00001021, RawPeer.Short((ushort)completed)),
        (0x00001022, RawPeer.Short((ushort)failed)),
        (0x00001023, RawPeer.Short((ushort)warning)),
    ];

    public static (uint, byte[]) Comment(string text) => (0x00000902, RawPeer.Text(text));

    public static byte[] Explicit(DicomDataset dataset) => DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian);

    public static byte[] Implicit(DicomDataset dataset) => DatasetWriter.ToArray(dataset, TransferSyntax.ImplicitVRLittleEndian);

    /// <summary>A dataset of texts.</summary>
    public static DicomDataset Data(params (DicomTag Tag, string Value)[] elements)
    {
        var dataset = new DicomDataset();
        foreach (var (tag, value) in elements)
            dataset.Set(tag, value);
        return dataset;
    }

    /// <summary>A small CT image.</summary>
    public static DicomDataset Image(string instance = CT1, string? sopClass = null)
    {
        var dataset = Data(
            (Tags.SOPClassUID, sopClass ?? Uids.CTImageStorage), (Tags.SOPInstanceUID, instance), (Tags.Modality, "CT"),
            (Tags.PatientName, "PHANTOM^ONE"),
            (Tags.PatientID, "P1"), (Tags.StudyInstanceUID, Study1), (Tags.SeriesInstanceUID, Series1));
        dataset.Set(Tags.PixelData, Vr.OW, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 });
        return dataset;
    }

    private static byte[]? Text(string? text) => text is null ? null : RawPeer.Text(text);
}
