using System.Text;
using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Matching;
using DicomPS.Serialization;

namespace DicomPS.Engine.Tests.Text;

/// <summary>Text of datasets that declare no character set.</summary>
public class UndeclaredTextTests
{
    [Theory]
    [InlineData("山田^太郎")]
    [InlineData("Müller^Änne")]
    [InlineData("Иванов")]
    [InlineData("\U0001F600")]
    public void What_is_UTF8_is_read_as_that(string name)
    {
        Assert.Equal(name, Read(Encoding.UTF8.GetBytes(name), declared: null).GetString(Tags.PatientName));
        Assert.Equal(name, Read(Encoding.UTF8.GetBytes(name), declared: "").GetString(Tags.PatientName));
    }

    [Theory]
    [InlineData("M\u00FCller")]
    [InlineData("\u00C4nne")]
    [InlineData("A\u00C3")]
    [InlineData("\u00C3\u00FF")]
    [InlineData("\u00ED\u00A0\u0080")]
    [InlineData("\u00C0\u00AF")]
    [InlineData("\u00F4\u0090\u0080\u0080")]
    public void What_is_not_is_read_as_Latin1(string name) =>
        Assert.Equal(name, Read(Encoding.Latin1.GetBytes(name), declared: null).GetString(Tags.PatientName));

    [Fact]
    public void What_is_declared_is_believed() =>
        Assert.Equal("\u00C3\u00BC", Read(Encoding.UTF8.GetBytes("ü"), declared: "ISO_IR 100").GetString(Tags.PatientName));

    [Fact]
    public void Keys_without_a_character_set_match_what_has_one()
    {
        var item = Read(Encoding.Latin1.GetBytes("Müller^Jo"), declared: "ISO_IR 100");
        Assert.True(new DatasetMatcher(Read(Encoding.UTF8.GetBytes("müll*"), declared: null)).Matches(item));
        Assert.True(new DatasetMatcher(Read(Encoding.UTF8.GetBytes("mu\u0308ll*"), declared: null)).Matches(item));
        Assert.True(new DatasetMatcher(Read(Encoding.Latin1.GetBytes("müll*"), declared: null)).Matches(item));
        Assert.False(new DatasetMatcher(Read(Encoding.UTF8.GetBytes("möll*"), declared: null)).Matches(item));
    }

    private static DicomDataset Read(byte[] name, string? declared)
    {
        var dataset = new DicomDataset();
        if (declared is not null)
            dataset.Set(Tags.SpecificCharacterSet, Vr.CS, declared.Length == 0 ? [] : [declared]);
        dataset.Set(Tags.PatientName, Vr.PN, name);
        return DatasetReader.Read(DatasetWriter.ToArray(dataset, TransferSyntax.ExplicitVRLittleEndian),
            TransferSyntax.ExplicitVRLittleEndian);
    }
}
