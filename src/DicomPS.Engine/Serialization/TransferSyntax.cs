using DicomPS.Dictionary;

namespace DicomPS.Serialization;

/// <summary>How a dataset is spelt in bytes (PS3.5 10 and A).</summary>
public sealed class TransferSyntax
{
    private static readonly Dictionary<string, TransferSyntax> Known = CreateKnown();

    private TransferSyntax(string uid, Form form, bool isKnown = true)
    {
        Uid = uid;
        IsKnown = isKnown;
        IsExplicitVr = (form & Form.Implicit) == 0;
        IsBigEndian = (form & Form.BigEndian) != 0;
        IsDeflated = (form & Form.Deflated) != 0;
        IsEncapsulated = (form & Form.Encapsulated) != 0;
    }

    [Flags]
    private enum Form
    {
        ExplicitLittleEndian = 0,
        Implicit = 1,
        BigEndian = 2,
        Deflated = 4,
        Encapsulated = 8,
    }

    /// <summary>Implicit VR little endian, the default that every application understands (PS3.5 A.1).</summary>
    public static TransferSyntax ImplicitVRLittleEndian { get; } = Known[Uids.ImplicitVRLittleEndian];

    /// <summary>Explicit VR little endian (PS3.5 A.2).</summary>
    public static TransferSyntax ExplicitVRLittleEndian { get; } = Known[Uids.ExplicitVRLittleEndian];

    /// <summary>Explicit VR big endian, retired and still met (PS3.5 2016b A.3).</summary>
    public static TransferSyntax ExplicitVRBigEndian { get; } = Known[Uids.ExplicitVRBigEndian];

    /// <summary>Explicit VR little endian, deflated as a whole (PS3.5 A.5).</summary>
    public static TransferSyntax DeflatedExplicitVRLittleEndian { get; } = Known[Uids.DeflatedExplicitVRLittleEndian];

    /// <summary>Those of the standard.</summary>
    public static IReadOnlyCollection<TransferSyntax> All => Known.Values;

    /// <summary>The identifier.</summary>
    public string Uid { get; }

    /// <summary>The name in the standard, or the identifier when it has none there.</summary>
    public string Name => DicomDictionary.NameOf(Uid);

    /// <summary>
    /// Whether this is one of the transfer syntaxes of the standard; others are taken for explicit little endian with encapsulated
    /// pixels.
    /// </summary>
    public bool IsKnown { get; }

    /// <summary>Whether each element names its VR (PS3.5 7.1.2).</summary>
    public bool IsExplicitVr { get; }

    /// <summary>Whether the high byte of a word comes first (PS3.5 7.3).</summary>
    public bool IsBigEndian { get; }

    /// <summary>Whether the dataset as a whole is a deflate stream (PS3.5 A.5).</summary>
    public bool IsDeflated { get; }

    /// <summary>Whether pixel data come as fragments, as a rule compressed (PS3.5 A.4).</summary>
    public bool IsEncapsulated { get; }

    /// <summary>Whether this is one of the four among which a dataset can be rewritten without touching a pixel.</summary>
    public bool IsUncompressed => Uid is Uids.ImplicitVRLittleEndian or Uids.ExplicitVRLittleEndian
        or Uids.ExplicitVRBigEndian or Uids.DeflatedExplicitVRLittleEndian;

    /// <summary>
    /// The transfer syntax of an identifier; one that is not known is taken for explicit little endian with encapsulated pixels.
    /// </summary>
    /// <param name="uid">The identifier.</param>
    public static TransferSyntax Find(string uid) =>
        Known.TryGetValue(uid ?? throw new ArgumentNullException(nameof(uid)), out var found)
            ? found
            : new TransferSyntax(uid, Form.Encapsulated, isKnown: false);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    private static Dictionary<string, TransferSyntax> CreateKnown()
    {
        var known = new Dictionary<string, TransferSyntax>(StringComparer.Ordinal);
        void Add(string uid, Form form) => known.Add(uid, new TransferSyntax(uid, form));

        Add(Uids.ImplicitVRLittleEndian, Form.Implicit);
        Add(Uids.ExplicitVRLittleEndian, Form.ExplicitLittleEndian);
        Add(Uids.ExplicitVRBigEndian, Form.BigEndian);
        Add(Uids.DeflatedExplicitVRLittleEndian, Form.Deflated);
        Add(Uids.JPIPReferenced, Form.ExplicitLittleEndian);
        Add(Uids.JPIPHTJ2KReferenced, Form.ExplicitLittleEndian);
        Add(Uids.JPIPReferencedDeflate, Form.Deflated);
        Add(Uids.JPIPHTJ2KReferencedDeflate, Form.Deflated);
        Add(Uids.Papyrus3ImplicitVRLittleEndian, Form.Implicit);

        // A vendor's own that is met in archives: implicit, with pixels in big-endian words that are left as they are.
        Add("1.2.840.113619.5.2", Form.Implicit);
        foreach (var uid in Encapsulated)
            Add(uid, Form.Encapsulated);

        return known;
    }

    private static string[] Encapsulated =>
    [
        Uids.EncapsulatedUncompressedExplicitVRLittleEndian, Uids.RLELossless, Uids.DeflatedImageFrameCompression,
        Uids.JPEGBaseline8Bit, Uids.JPEGExtended12Bit, Uids.JPEGExtended35, Uids.JPEGSpectralSelectionNonHierarchical68,
        Uids.JPEGSpectralSelectionNonHierarchical79, Uids.JPEGFullProgressionNonHierarchical1012,
        Uids.JPEGFullProgressionNonHierarchical1113, Uids.JPEGLossless, Uids.JPEGLosslessNonHierarchical15,
        Uids.JPEGExtendedHierarchical1618, Uids.JPEGExtendedHierarchical1719, Uids.JPEGSpectralSelectionHierarchical2022,
        Uids.JPEGSpectralSelectionHierarchical2123, Uids.JPEGFullProgressionHierarchical2426,
        Uids.JPEGFullProgressionHierarchical2527, Uids.JPEGLosslessHierarchical28, Uids.JPEGLosslessHierarchical29,
        Uids.JPEGLosslessSV1, Uids.JPEGLSLossless, Uids.JPEGLSNearLossless, Uids.JPEG2000Lossless, Uids.JPEG2000,
        Uids.JPEG2000MCLossless, Uids.JPEG2000MC, Uids.MPEG2MPML, Uids.MPEG2MPMLF, Uids.MPEG2MPHL, Uids.MPEG2MPHLF,
        Uids.MPEG4HP41, Uids.MPEG4HP41F, Uids.MPEG4HP41BD, Uids.MPEG4HP41BDF, Uids.MPEG4HP422D, Uids.MPEG4HP422DF,
        Uids.MPEG4HP423D, Uids.MPEG4HP423DF, Uids.MPEG4HP42STEREO, Uids.MPEG4HP42STEREOF, Uids.HEVCMP51, Uids.HEVCM10P51,
        Uids.JPEGXLLossless, Uids.JPEGXLJPEGRecompression, Uids.JPEGXL, Uids.HTJ2KLossless, Uids.HTJ2KLosslessRPCL,
        Uids.HTJ2K, Uids.RFC2557MIMEEncapsulation, Uids.XMLEncoding, Uids.SMPTEST211020UncompressedProgressiveActiveVideo,
        Uids.SMPTEST211020UncompressedInterlacedActiveVideo, Uids.SMPTEST211030PCMDigitalAudio,
    ];
}
