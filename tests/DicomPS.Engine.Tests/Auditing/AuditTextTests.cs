using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using DicomPS.Auditing;

namespace DicomPS.Engine.Tests.Auditing;

/// <summary>Audit messages held against the schema of the standard (PS3.15 A.5.1.1), element by element in its order.</summary>
public class AuditTextTests
{
    // The RELAX NG schema as XML Schema: what is a token there is a string here.
    private const string Schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:complexType name="Coded">
            <xs:attribute name="csd-code" type="xs:token" use="required"/>
            <xs:attribute name="codeSystemName" type="xs:token" use="required"/>
            <xs:attribute name="displayName" type="xs:token"/>
            <xs:attribute name="originalText" type="xs:token" use="required"/>
          </xs:complexType>
          <xs:complexType name="Event">
            <xs:sequence>
              <xs:element name="EventID" type="Coded"/>
              <xs:element name="EventTypeCode" type="Coded" minOccurs="0" maxOccurs="unbounded"/>
              <xs:element name="EventOutcomeDescription" type="xs:string" minOccurs="0"/>
            </xs:sequence>
            <xs:attribute name="EventActionCode">
              <xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[CRUDE]"/></xs:restriction></xs:simpleType>
            </xs:attribute>
            <xs:attribute name="EventDateTime" type="xs:dateTime" use="required"/>
            <xs:attribute name="EventOutcomeIndicator" use="required">
              <xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="0|4|8|12"/></xs:restriction></xs:simpleType>
            </xs:attribute>
          </xs:complexType>
          <xs:complexType name="Participant">
            <xs:sequence>
              <xs:element name="RoleIDCode" type="Coded" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence>
            <xs:attribute name="UserID" type="xs:string" use="required"/>
            <xs:attribute name="UserIsRequestor" type="xs:boolean" use="required"/>
            <xs:attribute name="NetworkAccessPointID" type="xs:token"/>
            <xs:attribute name="NetworkAccessPointTypeCode">
              <xs:simpleType><xs:restriction base="xs:token"><xs:pattern value="[1-5]"/></xs:restriction></xs:simpleType>
            </xs:attribute>
          </xs:complexType>
          <xs:complexType name="Source">
            <xs:sequence>
              <xs:element name="AuditSourceTypeCode" minOccurs="0" maxOccurs="unbounded">
                <xs:complexType><xs:attribute name="csd-code" type="xs:token" use="required"/></xs:complexType>
              </xs:element>
            </xs:sequence>
            <xs:attribute name="AuditSourceID" type="xs:token" use="required"/>
          </xs:complexType>
          <xs:complexType name="Object">
            <xs:sequence>
              <xs:element name="ParticipantObjectIDTypeCode" type="Coded"/>
              <xs:choice>
                <xs:element name="ParticipantObjectName" type="xs:token"/>
                <xs:element name="ParticipantObjectQuery" type="xs:base64Binary"/>
              </xs:choice>
              <xs:element name="ParticipantObjectDetail" minOccurs="0" maxOccurs="unbounded">
                <xs:complexType>
                  <xs:attribute name="type" type="xs:token" use="required"/>
                  <xs:attribute name="value" type="xs:base64Binary" use="required"/>
                </xs:complexType>
              </xs:element>
              <xs:element name="ParticipantObjectDescription" minOccurs="0" maxOccurs="unbounded">
                <xs:complexType><xs:sequence>
                  <xs:element name="SOPClass" minOccurs="0" maxOccurs="unbounded">
                    <xs:complexType>
                      <xs:attribute name="UID" type="xs:token"/>
                      <xs:attribute name="NumberOfInstances" type="xs:integer" use="required"/>
                    </xs:complexType>
                  </xs:element>
                </xs:sequence></xs:complexType>
              </xs:element>
            </xs:sequence>
            <xs:attribute name="ParticipantObjectID" type="xs:token" use="required"/>
            <xs:attribute name="ParticipantObjectTypeCode" type="xs:token"/>
            <xs:attribute name="ParticipantObjectTypeCodeRole" type="xs:token"/>
          </xs:complexType>
          <xs:element name="AuditMessage">
            <xs:complexType><xs:sequence>
              <xs:element name="EventIdentification" type="Event"/>
              <xs:element name="ActiveParticipant" type="Participant" maxOccurs="unbounded"/>
              <xs:element name="AuditSourceIdentification" type="Source"/>
              <xs:element name="ParticipantObjectIdentification" type="Object" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType>
          </xs:element>
        </xs:schema>
        """;

    [Theory]
    [InlineData("Started")]
    [InlineData("Stopped")]
    [InlineData("Transferred")]
    [InlineData("Queried")]
    [InlineData("Refused")]
    [InlineData("Lost")]
    public void Each_message_is_as_the_schema_has_it_whatever_strangers_call_themselves(string kind)
    {
        var of = (AuditKind)Enum.Parse(typeof(AuditKind), kind);
        Valid(new AuditRecord { Kind = of, LocalAETitle = "BOX" });
        Valid(Full(of));
        Valid(Full(of) with { StudyUids = ["1.2", "1.3"], SopClasses = new Dictionary<string, int>(), Instances = 5, IsInbound = true });
    }

    [Theory]
    [InlineData(true, "CT1", "BOX")]
    [InlineData(false, "BOX", "CT1")]
    public void Who_sends_is_the_source(bool isInbound, string source, string destination)
    {
        var message = Valid(Full(AuditKind.Transferred) with { RemoteAETitle = "CT1", IsInbound = isInbound });
        Assert.Equal(source, WithRole(message, "110153"));
        Assert.Equal(destination, WithRole(message, "110152"));
    }

    [Fact]
    public void Who_asks_is_the_source_of_a_query_and_a_server_that_begins_is_an_application()
    {
        Assert.Equal("CT1", WithRole(Valid(Full(AuditKind.Queried) with { RemoteAETitle = "CT1" }), "110153"));
        Assert.Equal("BOX", WithRole(Valid(new AuditRecord { Kind = AuditKind.Started, LocalAETitle = "BOX" }), "110150"));
    }

    [Fact]
    public void Instances_are_counted_by_class_or_in_all_and_of_several_studies_not_each_time()
    {
        Assert.Equal(["1.2.840.10008.5.1.4.1.1.2=3"], Counts(Full(AuditKind.Transferred)));
        var record = Full(AuditKind.Transferred) with { SopClasses = new Dictionary<string, int>(), Instances = 7 };
        Assert.Equal(["=7"], Counts(record));
        Assert.Contains("\"instances\":7", AuditText.Json(record), StringComparison.Ordinal);
        Assert.Contains("\"instances\":3", AuditText.Json(Full(AuditKind.Transferred)), StringComparison.Ordinal);
        Assert.Empty(Counts(record with { StudyUids = ["1.2", "1.3"] }));
        Assert.DoesNotContain("instances", AuditText.Json(Full(AuditKind.Queried)), StringComparison.Ordinal);
    }

    private static AuditRecord Full(AuditKind kind) => new()
    {
        Kind = kind,
        Outcome = 4,
        LocalAETitle = "BOX",
        RemoteAETitle = "<\u001b]0;&\"",
        RemoteAddress = "10.0.0.1",
        Operation = "C-MOVE",
        Status = 0xB000,
        PatientId = "P<\u0007&1",
        StudyUids = ["1.2.3"],
        SopClasses = new Dictionary<string, int> { ["1.2.840.10008.5.1.4.1.1.2"] = 3 },
        Query = kind == AuditKind.Queried ? [1, 2, 3] : null,
        Reason = "to DEST; 1 sub-operation(s) failed\u0000",
    };

    private static XElement Valid(AuditRecord record)
    {
        var schemas = new XmlSchemaSet();
        using (var text = new StringReader(Schema))
        using (var reader = XmlReader.Create(text))
            schemas.Add(null, reader);
        var message = XDocument.Parse(AuditText.Xml(record));
        message.Validate(schemas, (_, e) => Assert.Fail($"{e.Message} {message}"));
        return message.Root!;
    }

    private static string WithRole(XElement message, string code) => message.Elements("ActiveParticipant")
        .Single(one => one.Elements("RoleIDCode").Any(role => role.Attribute("csd-code")!.Value == code)).Attribute("UserID")!.Value;

    private static string[] Counts(AuditRecord record) => [.. Valid(record).Descendants("SOPClass")
        .Select(one => $"{one.Attribute("UID")?.Value}={one.Attribute("NumberOfInstances")!.Value}")];
}
