using System.Globalization;
using System.Text;
using System.Xml;

namespace DicomPS.Auditing;

/// <summary>Records as text: the audit messages of DICOM (PS3.15 A.5.1), or one JSON line each.</summary>
internal static class AuditText
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>The process, for who reads records of several.</summary>
    private static readonly string Source = Environment.MachineName;

    /// <summary>An audit message, without line breaks.</summary>
    public static string Xml(AuditRecord record)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = Utf8, OmitXmlDeclaration = true }))
        {
            var (id, name, action, type) = CodesOf(record);
            xml.WriteStartElement("AuditMessage");
            xml.WriteStartElement("EventIdentification");
            Attribute(xml, "EventActionCode", action);
            Attribute(xml, "EventDateTime", Moment(record));
            Attribute(xml, "EventOutcomeIndicator", record.Outcome.ToString(CultureInfo.InvariantCulture));
            Code(xml, "EventID", id, name);
            if (type is { })
                Code(xml, "EventTypeCode", type.Value.Code, type.Value.Name);
            if (record.Reason is { })
                Element(xml, "EventOutcomeDescription", record.Reason);
            xml.WriteEndElement();
            Participant(xml, record.RemoteAETitle, record.RemoteAddress, record.IsRemoteRequestor, RoleOf(record, isRemote: true));
            Participant(xml, record.LocalAETitle, Source, !record.IsRemoteRequestor, RoleOf(record, isRemote: false));
            xml.WriteStartElement("AuditSourceIdentification");
            Attribute(xml, "AuditSourceID", $"{record.LocalAETitle}@{Source}");
            // 4: application server process (PS3.15 A.5.1).
            xml.WriteStartElement("AuditSourceTypeCode");
            Attribute(xml, "csd-code", "4");
            xml.WriteEndElement();
            xml.WriteEndElement();
            // What is counted is counted together: of several studies nobody knows which has how much.
            var counts = record.Kind == AuditKind.Transferred && record.StudyUids.Count == 1 ? Counts(record) : [];
            foreach (var study in record.StudyUids)
                Object(xml, study, "2", "3", "110180", "DCM", "Study Instance UID", counts);
            if (record.Query is { } query)
            {
                xml.WriteStartElement("ParticipantObjectIdentification");
                Attribute(xml, "ParticipantObjectID", record.SopClasses.Keys.FirstOrDefault() ?? "");
                Attribute(xml, "ParticipantObjectTypeCode", "2");
                Attribute(xml, "ParticipantObjectTypeCodeRole", "3");
                Code(xml, "ParticipantObjectIDTypeCode", "110181", "SOP Class UID");
                Element(xml, "ParticipantObjectQuery", Convert.ToBase64String(query));
                xml.WriteStartElement("ParticipantObjectDetail");
                Attribute(xml, "type", "TransferSyntax");
                Attribute(xml, "value", Convert.ToBase64String(Utf8.GetBytes("1.2.840.10008.1.2.1")));
                xml.WriteEndElement();
                xml.WriteEndElement();
            }

            if (record.PatientId is { } patient)
                Object(xml, patient, "1", "1", "2", "RFC-3881", "Patient Number", []);
            xml.WriteEndElement();
        }

        return Utf8.GetString(bytes.ToArray());
    }

    /// <summary>A line of JSON.</summary>
    public static string Json(AuditRecord record)
    {
        var text = new StringBuilder("{");
        Member("time", Moment(record));
        Member("event", record.Kind.ToString());
        Member("outcome", record.Outcome == 0 ? "Success" : record.Outcome == 4 ? "MinorFailure" : "SeriousFailure");
        Member("server", record.LocalAETitle);
        Member("host", Source);
        Member("peer", record.RemoteAETitle);
        Member("address", record.RemoteAddress);
        Member("requestor", record.IsRemoteRequestor ? "peer" : "server");
        Member("operation", record.Operation);
        Member("status", record.Status?.ToString("X4", CultureInfo.InvariantCulture));
        if (record.Kind == AuditKind.Transferred)
            Member("direction", record.IsInbound ? "in" : "out");
        Member("patient", record.PatientId);
        if (record.StudyUids.Count > 0)
            Raw("studies", $"[{string.Join(",", record.StudyUids.Select(Quoted))}]");
        if (record.SopClasses.Count > 0)
            Raw("sopClasses", $"{{{string.Join(",", record.SopClasses.Select(pair => $"{Quoted(pair.Key)}:{pair.Value}"))}}}");
        var instances = record.Instances ?? (record.SopClasses.Count > 0 ? record.SopClasses.Values.Sum() : null);
        if (record.Kind == AuditKind.Transferred && instances is { } all)
            Raw("instances", all.ToString(CultureInfo.InvariantCulture));
        Member("query", record.Query is null ? null : Convert.ToBase64String(record.Query));
        Member("reason", record.Reason);
        return text.Append('}').ToString();

        void Member(string name, string? value)
        {
            if (value is { })
                Raw(name, Quoted(value));
        }

        void Raw(string name, string value) => text.Append(text.Length > 1 ? "," : "").Append('"').Append(name).Append("\":").Append(value);
    }

    /// <summary>Text in quotation marks (RFC 8259 7); what steers a terminal is escaped too.</summary>
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var letter in value)
        {
            if (letter is '"' or '\\')
                text.Append('\\').Append(letter);
            else if (letter < ' ' || letter is >= '\u007f' and <= '\u009f' || letter is '\u2028' or '\u2029'
                || char.GetUnicodeCategory(letter) == UnicodeCategory.Format || char.IsSurrogate(letter))
                text.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
            else
                text.Append(letter);
        }

        return text.Append('"').ToString();
    }

    private static string Moment(AuditRecord record) => record.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static (string Id, string Name, string Action, (string Code, string Name)? Type) CodesOf(AuditRecord it) => it.Kind switch
    {
        AuditKind.Started => ("110100", "Application Activity", "E", ("110120", "Application Start")),
        AuditKind.Stopped => ("110100", "Application Activity", "E", ("110121", "Application Stop")),
        AuditKind.Transferred => ("110104", "DICOM Instances Transferred", it.IsInbound ? "C" : "R", null),
        AuditKind.Queried => ("110112", "Query", "E", null),
        AuditKind.Refused => ("110113", "Security Alert", "E", ("110126", "Node Authentication")),
        _ => ("110113", "Security Alert", "E", ("110133", "Audit Recording Stopped")),
    };

    // What the SOP classes are is not known of what was asked for from this side: the number alone, which may stand without (A.5.1.1).
    private static IReadOnlyList<KeyValuePair<string, int>> Counts(AuditRecord record) => record.SopClasses.Count > 0
        ? [.. record.SopClasses] : record.Instances is { } all ? [new KeyValuePair<string, int>("", all)] : [];

    // PS3.15 A.5.3.1, A.5.3.7 and A.5.3.10; a security alert has none.
    private static (string Code, string Name)? RoleOf(AuditRecord record, bool isRemote)
    {
        var (source, destination) = (("110153", "Source Role ID"), ("110152", "Destination Role ID"));
        return record.Kind switch
        {
            AuditKind.Started or AuditKind.Stopped => ("110150", "Application"),
            AuditKind.Transferred => isRemote == record.IsInbound ? source : destination,
            AuditKind.Queried => isRemote == record.IsRemoteRequestor ? source : destination,
            _ => null,
        };
    }

    private static void Participant(XmlWriter xml, string? user, string? address, bool isRequestor, (string Code, string Name)? role)
    {
        if (user is null && address is null)
            return;
        xml.WriteStartElement("ActiveParticipant");
        Attribute(xml, "UserID", user ?? "");
        Attribute(xml, "UserIsRequestor", isRequestor ? "true" : "false");
        if (address is { })
        {
            Attribute(xml, "NetworkAccessPointID", address);
            Attribute(xml, "NetworkAccessPointTypeCode", System.Net.IPAddress.TryParse(address, out _) ? "2" : "1");
        }

        if (role is { } known)
            Code(xml, "RoleIDCode", known.Code, known.Name);
        xml.WriteEndElement();
    }

    private static void Object(XmlWriter xml, string id, string type, string role, string code, string system, string name,
        IReadOnlyList<KeyValuePair<string, int>> counts)
    {
        xml.WriteStartElement("ParticipantObjectIdentification");
        Attribute(xml, "ParticipantObjectID", id);
        Attribute(xml, "ParticipantObjectTypeCode", type);
        Attribute(xml, "ParticipantObjectTypeCodeRole", role);
        Code(xml, "ParticipantObjectIDTypeCode", code, name, system);
        // The schema wants a name or a query (A.5.1.1), and the trail knows no name.
        Element(xml, "ParticipantObjectName", "");
        foreach (var pair in counts)
        {
            xml.WriteStartElement("ParticipantObjectDescription");
            xml.WriteStartElement("SOPClass");
            if (pair.Key.Length > 0)
                Attribute(xml, "UID", pair.Key);
            Attribute(xml, "NumberOfInstances", pair.Value.ToString(CultureInfo.InvariantCulture));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Code(XmlWriter xml, string element, string code, string name, string system = "DCM")
    {
        xml.WriteStartElement(element);
        Attribute(xml, "csd-code", code);
        Attribute(xml, "codeSystemName", system);
        Attribute(xml, "originalText", name);
        xml.WriteEndElement();
    }

    private static void Element(XmlWriter xml, string name, string value) => xml.WriteElementString(name, SafeText.Clean(value));

    // XML 1.0 has no control characters, not even as references.
    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, SafeText.Clean(value));
}
