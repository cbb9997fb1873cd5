using DicomPS.Data;

namespace DicomPS;

/// <summary>
/// What a service beside images has: a hanging protocol, a palette, a template, an approval (PS3.4 Q, U, V, X, BB, HH, II, JJ).
/// </summary>
public sealed record ServiceObject : QueryResult
{
    /// <summary>The service, such as HangingProtocol.</summary>
    public string? Service { get; init; }

    /// <summary>Which of its models, such as Group.</summary>
    public string? Model { get; init; }

    /// <summary>
    /// What people know it by: Hanging Protocol Name, Content Label, Implant Name, Product Name, Patient's Name, as the model has it.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>Its description, where the model has one.</summary>
    public string? Description { get; init; }

    /// <summary>When it was made, takes effect or was decided, as the clock on the wall showed it, where the model has that.</summary>
    public DateTime? Date { get; init; }

    /// <summary>Its key: the SOP Instance UID, the Patient ID or the Product Package Identifier.</summary>
    public string? Identifier { get; init; }

    /// <summary>Patient ID (0010,0020), where the model knows of a patient.</summary>
    public string? PatientID { get; init; }

    /// <summary>The name of the SOP class.</summary>
    public string? SOPClass { get; init; }

    /// <summary>SOP Class UID (0008,0016).</summary>
    public string? SOPClassUID { get; init; }

    /// <summary>SOP Instance UID (0008,0018); null for what is no instance.</summary>
    public string? SOPInstanceUID { get; init; }

    /// <summary>Name and identifier.</summary>
    public override string ToString() => Join(Identifier, Name, Description);
}
