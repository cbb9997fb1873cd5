namespace DicomPS.Pdus;

/// <summary>The codes of A-ASSOCIATE-RJ, A-ABORT and presentation context results in words.</summary>
internal static class PduNames
{
    /// <summary>The result of A-ASSOCIATE-RJ (PS3.8 table 9-21).</summary>
    /// <param name="result">1 or 2.</param>
    public static string RejectResult(byte result) => result switch
    {
        1 => "permanently",
        2 => "for the moment",
        _ => $"with unknown result {result}",
    };

    /// <summary>The source of A-ASSOCIATE-RJ (PS3.8 table 9-21).</summary>
    /// <param name="source">1 to 3.</param>
    public static string RejectSource(byte source) => source switch
    {
        1 => "service user",
        2 => "service provider, ACSE",
        3 => "service provider, presentation",
        _ => $"unknown source {source}",
    };

    /// <summary>The reason of A-ASSOCIATE-RJ (PS3.8 table 9-21).</summary>
    /// <param name="source">1 to 3; the same reason means something else for each.</param>
    /// <param name="reason">The reason.</param>
    public static string RejectReason(byte source, byte reason) => (source, reason) switch
    {
        (1, 1) => "no reason given",
        (1, 2) => "application context name not supported",
        (1, 3) => "calling AE title not recognized",
        (1, 7) => "called AE title not recognized",
        (2, 1) => "no reason given",
        (2, 2) => "protocol version not supported",
        (3, 1) => "temporary congestion",
        (3, 2) => "local limit exceeded",
        _ => $"unknown reason {reason}",
    };

    /// <summary>The source of A-ABORT (PS3.8 table 9-26).</summary>
    /// <param name="source">0 or 2.</param>
    public static string AbortSource(byte source) => source switch
    {
        0 => "service user",
        2 => "service provider",
        _ => $"unknown source {source}",
    };

    /// <summary>The reason of A-ABORT (PS3.8 table 9-26); it says nothing when the source is the service user.</summary>
    /// <param name="source">0 or 2.</param>
    /// <param name="reason">The reason.</param>
    public static string AbortReason(byte source, byte reason) => (source, reason) switch
    {
        (0, _) or (2, Pdus.AbortReason.NotSpecified) => "no reason given",
        (_, Pdus.AbortReason.UnrecognizedPdu) => "unrecognized PDU",
        (_, Pdus.AbortReason.UnexpectedPdu) => "unexpected PDU",
        (_, Pdus.AbortReason.UnrecognizedParameter) => "unrecognized PDU parameter",
        (_, Pdus.AbortReason.UnexpectedParameter) => "unexpected PDU parameter",
        (_, Pdus.AbortReason.InvalidParameterValue) => "invalid PDU parameter value",
        _ => $"unknown reason {reason}",
    };

    /// <summary>The result of a presentation context (PS3.8 table 9-18).</summary>
    /// <param name="result">0 to 4.</param>
    public static string ContextResult(byte result) => result switch
    {
        0 => "accepted",
        1 => "refused by the user",
        2 => "refused without a reason",
        3 => "abstract syntax not supported",
        4 => "transfer syntaxes not supported",
        _ => $"unknown result {result}",
    };
}
