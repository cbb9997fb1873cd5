using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Arguments;

/// <summary>Completes how many associations work side by side.</summary>
public sealed class AssociationsCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
    [
        (AssociationCount.Auto, "As many as pay: more while the rate grows, fewer when the peer refuses or becomes slower"),
        ("1", "One, the default"), ("2", "Two"), ("4", "Four"), ("8", "Eight"), ("16", "Sixteen"),
    ];
}

/// <summary>Completes modalities (PS3.3 C.7.3.1.1.1), those that are retired left out.</summary>
public sealed class ModalityCompleter : Completer
{
    private static readonly (string Text, string ToolTip)[] Terms =
    [
        ("CT", "Computed Tomography"), ("MR", "Magnetic Resonance"), ("DX", "Digital Radiography"), ("CR", "Computed Radiography"),
        ("US", "Ultrasound"), ("MG", "Mammography"), ("XA", "X-Ray Angiography"), ("RF", "Radio Fluoroscopy"), ("NM", "Nuclear Medicine"),
        ("PT", "Positron Emission Tomography"), ("SR", "Structured Report"), ("PR", "Presentation State"), ("KO", "Key Object Selection"),
        ("SEG", "Segmentation"), ("OT", "Other"), ("SC", "Secondary Capture"), ("DOC", "Document"),
        ("RTIMAGE", "RT Image"), ("RTPLAN", "RT Plan"), ("RTDOSE", "RT Dose"), ("RTSTRUCT", "RT Structure Set"),
        ("RTRECORD", "RT Treatment Record"),
        ("RTINTENT", "RT Intent"), ("RTRAD", "RT Radiation"), ("RTSEGANN", "RT Segment Annotation"), ("PLAN", "Plan"),
        ("ES", "Endoscopy"), ("XC", "External-camera Photography"), ("GM", "General Microscopy"), ("SM", "Slide Microscopy"),
        ("IO", "Intra-oral Radiography"), ("PX", "Panoramic X-Ray"), ("DMS", "Dermoscopy"), ("IVUS", "Intravascular Ultrasound"),
        ("IVOCT", "Intravascular Optical Coherence Tomography"), ("OCT", "Optical Coherence Tomography, non-ophthalmic"),
        ("OP", "Ophthalmic Photography"),
        ("OPT", "Ophthalmic Tomography"), ("OPTENF", "Ophthalmic Tomography En Face"),
        ("OPTBSV", "Ophthalmic Tomography B-scan Volume Analysis"),
        ("OPM", "Ophthalmic Mapping"), ("OPV", "Ophthalmic Visual Field"), ("OAM", "Ophthalmic Axial Measurements"),
        ("OSS", "Optical Surface Scan"),
        ("AR", "Autorefraction"), ("KER", "Keratometry"), ("LEN", "Lensometry"), ("SRF", "Subjective Refraction"), ("VA", "Visual Acuity"),
        ("IOL", "Intraocular Lens Data"),
        ("ECG", "Electrocardiography"), ("EEG", "Electroencephalography"), ("EMG", "Electromyography"), ("EOG", "Electrooculography"),
        ("EPS", "Cardiac Electrophysiology"), ("HD", "Hemodynamic Waveform"), ("RESP", "Respiratory Waveform"), ("AU", "Audio"),
        ("BDUS", "Bone Densitometry, ultrasound"),
        ("BMD", "Bone Densitometry, X-Ray"), ("BI", "Biomagnetic Imaging"), ("TG", "Thermography"), ("PA", "Photoacoustic"),
        ("LS", "Laser Surface Scan"),
        ("REG", "Registration"), ("FID", "Fiducials"), ("ANN", "Annotation"), ("M3D", "Model for 3D Manufacturing"),
        ("STAIN", "Automated Slide Stainer"),
        ("TEXTUREMAP", "Texture Map"), ("POS", "Position Sensor"), ("ASMT", "Content Assessment Results"), ("CTPROTOCOL", "CT Protocol"),
        ("XAPROTOCOL", "XA Protocol"),
        ("HC", "Hard Copy"), ("RG", "Radiographic Imaging, film"), ("SMR", "Stereometric Relationship"), ("RWV", "Real World Value Map"),
    ];

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => Terms;
}

/// <summary>Completes the sexes that a patient can have (PS3.3 C.7.1.1).</summary>
public sealed class SexCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => [("F", "Female"), ("M", "Male"), ("O", "Other")];
}

/// <summary>Completes storage SOP classes: by keyword, or by UID for a parameter that takes only UIDs.</summary>
public sealed class SopClassCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() => Candidates("", new Dictionary<string, object>());

    private protected override IEnumerable<(string Text, string ToolTip)> Candidates(string parameter,
        System.Collections.IDictionary given) =>
        DicomDictionary.SopClasses(SopClassService.Storage).OrderBy(row => row.Keyword, StringComparer.OrdinalIgnoreCase)
            .Select(row => parameter == "SOPClassUID" ? (row.Uid, DicomDictionary.NameOf(row.Uid))
                : (row.Keyword, $"{DicomDictionary.NameOf(row.Uid)}, {row.Uid}"));
}

/// <summary>Completes the defined terms of Specific Character Set (PS3.3 C.12.1.1.2).</summary>
public sealed class CharacterSetCompleter : Completer
{
    private protected override IEnumerable<(string Text, string ToolTip)> Candidates() =>
        SpecificCharacterSet.DefinedTerms.Select(term => (term.Key, term.Value));
}
