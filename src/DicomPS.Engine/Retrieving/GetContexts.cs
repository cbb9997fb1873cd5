using DicomPS.Associations;
using DicomPS.Dictionary;

namespace DicomPS.Retrieving;

/// <summary>
/// Which presentation contexts C-GET proposes. There are more storage SOP classes, and far more pairs of class and
/// transfer syntax, than one association can carry; so they are put in order and cut into several. Pure.
/// </summary>
internal static class GetContexts
{
    private const string ExplicitLittle = "1.2.840.10008.1.2.1", ImplicitLittle = "1.2.840.10008.1.2";

    private static readonly string[] Compressed =
    [
        Uids.JPEGLosslessSV1, Uids.JPEGBaseline8Bit, Uids.JPEG2000Lossless, Uids.JPEG2000, Uids.JPEGLSLossless, Uids.RLELossless,
        Uids.JPEGExtended12Bit, Uids.JPEGLossless,
    ];

    private static readonly string[] All =
    [
        ExplicitLittle, ImplicitLittle, .. Compressed, Uids.JPEGLSNearLossless, Uids.HTJ2KLossless, Uids.HTJ2K, Uids.MPEG2MPML,
        Uids.MPEG4HP41,
        Uids.MPEG4HP41BD, Uids.HEVCMP51, Uids.DeflatedExplicitVRLittleEndian, Uids.ExplicitVRBigEndian,
    ];

    // A peer may choose the first of several, and Implicit VR loses what private elements are (PS3.5 6.2.2).
    private static readonly string[] AllButExplicit = [.. All.Where(syntax => syntax != ExplicitLittle)];

    // For classes that are known to come, even these are worth a context: what the peer holds comes as it is.
    private static readonly string[] Rare = [Uids.ExplicitVRBigEndian, Uids.DeflatedExplicitVRLittleEndian];

    // Where compressed images are common: the usual syntaxes each in a context of its own, so that the peer can send what it holds as
    // it is.
    private static readonly string[] Alone = [ExplicitLittle, ImplicitLittle, .. Compressed.Take(6)];
    private static readonly string[] Together = [.. All.Except(Alone)];

    private static readonly string[] Images =
    [
        Uids.CTImageStorage, Uids.MRImageStorage, Uids.ComputedRadiographyImageStorage, Uids.DigitalXRayImageStorageForPresentation,
        Uids.DigitalMammographyXRayImageStorageForPresentation, Uids.UltrasoundImageStorage, Uids.UltrasoundMultiFrameImageStorage,
        Uids.SecondaryCaptureImageStorage, Uids.XRayAngiographicImageStorage,
    ];

    private static readonly string[] Common =
    [
        Uids.PositronEmissionTomographyImageStorage, Uids.NuclearMedicineImageStorage, Uids.XRayRadiofluoroscopicImageStorage,
        Uids.EnhancedCTImageStorage, Uids.EnhancedMRImageStorage, Uids.BreastTomosynthesisImageStorage, Uids.SegmentationStorage,
        Uids.GrayscaleSoftcopyPresentationStateStorage, Uids.KeyObjectSelectionDocumentStorage, Uids.EncapsulatedPDFStorage,
        Uids.BasicTextSRStorage, Uids.EnhancedSRStorage, Uids.ComprehensiveSRStorage, Uids.XRayRadiationDoseSRStorage,
        Uids.RTStructureSetStorage, Uids.RTPlanStorage, Uids.RTDoseStorage, Uids.RTImageStorage,
        Uids.DigitalXRayImageStorageForProcessing, Uids.DigitalMammographyXRayImageStorageForProcessing,
        Uids.DigitalIntraOralXRayImageStorageForPresentation, Uids.SpatialRegistrationStorage,
        Uids.MultiFrameTrueColorSecondaryCaptureImageStorage, Uids.MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
        Uids.VLEndoscopicImageStorage, Uids.VLPhotographicImageStorage, Uids.OphthalmicPhotography8BitImageStorage,
        Uids.TwelveLeadECGWaveformStorage, Uids.MammographyCADSRStorage, Uids.RawDataStorage,
    ];

    /// <summary>The proposals of each association that may be needed, the likeliest classes in the first.</summary>
    /// <param name="reserved">Contexts that every association needs for other things.</param>
    /// <param name="known">SOP classes that the instances are known to be of; standard or private.</param>
    public static IReadOnlyList<IReadOnlyList<PresentationContextProposal>> Propose(int reserved, IEnumerable<string> known)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var storage = DicomDictionary.SopClasses(SopClassService.Storage)
            .Concat(DicomDictionary.SopClasses(SopClassService.NonPatientObject)).Select(c => c.Uid);
        return Cut(reserved, known.Where(seen.Add).Select(uid => Each(uid, [ExplicitLittle, ImplicitLittle, .. Compressed, .. Rare]))
            .Concat(Images.Where(seen.Add).Select(uid => Each(uid, Alone).Append(Proposal(uid, Together))))
            .Concat(Common.Where(seen.Add).Select(uid => new[] { Proposal(uid, [ExplicitLittle]), Proposal(uid, AllButExplicit) }))
            .Concat(storage.Where(seen.Add).Select(uid => new[] { Proposal(uid, All) })));
    }

    /// <summary>
    /// The proposals for classes of which an instance did not come: each transfer syntax in a context of its own, so that no choice of
    /// the peer's stands in the way.
    /// </summary>
    /// <param name="reserved">Contexts that every association needs for other things.</param>
    /// <param name="classes">The SOP classes.</param>
    public static IReadOnlyList<IReadOnlyList<PresentationContextProposal>> ProposeAlone(int reserved, IEnumerable<string> classes) =>
        Cut(reserved, classes.Distinct(StringComparer.Ordinal).Select(uid => Each(uid, All)));

    // A class stays in one association as a whole.
    private static List<IReadOnlyList<PresentationContextProposal>> Cut(int reserved,
        IEnumerable<IEnumerable<PresentationContextProposal>> classes)
    {
        var associations = new List<IReadOnlyList<PresentationContextProposal>>();
        var current = new List<PresentationContextProposal>();
        foreach (var proposals in classes.Select(p => p.ToList()))
        {
            if (current.Count + proposals.Count > Negotiation.MaximumContexts - reserved)
            {
                associations.Add(current);
                current = [];
            }

            current.AddRange(proposals);
        }

        if (current.Count > 0)
            associations.Add(current);
        return associations;
    }

    private static IEnumerable<PresentationContextProposal> Each(string sopClass, IEnumerable<string> syntaxes) =>
        syntaxes.Select(syntax => Proposal(sopClass, [syntax]));

    // The roles change sides: the peer is the SCU of the storage, this side its SCP (PS3.7 D.3.3.4).
    private static PresentationContextProposal Proposal(string sopClass, IReadOnlyList<string> syntaxes) =>
        new(sopClass, syntaxes) { ScuRole = false, ScpRole = true };
}
