using DicomPS.Data;
using DicomPS.Dictionary;
using DicomPS.Text;

namespace DicomPS.Engine.Tests.Text;

public class DatasetTextExtensionsTests
{
    [Fact]
    public void Setting_the_character_set_declares_it_and_writes_with_it()
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("", "ISO 2022 IR 87");
        dataset.Set(Tags.PatientName, Vr.PN, "Yamada=山田");

        Assert.Equal(["", "ISO 2022 IR 87"], dataset.GetStrings(Tags.SpecificCharacterSet));
        Assert.Equal(Sets.Bytes("Yamada=\e$B;3ED\e(B"), dataset.GetBytes(Tags.PatientName).ToArray());
    }

    [Fact]
    public void A_misspelt_term_is_declared_as_the_standard_spells_it()
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("utf-8");
        Assert.Equal("ISO_IR 192", dataset.GetText(Tags.SpecificCharacterSet));
    }

    [Fact]
    public void No_terms_take_the_declaration_out()
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 100");
        dataset.SetCharacterSet();
        Assert.False(dataset.Contains(Tags.SpecificCharacterSet));
        Assert.Same(SpecificCharacterSet.Ascii, dataset.Text);
    }

    [Theory]
    [InlineData("KLINGON")]
    [InlineData("windows-1252")]
    public void A_term_outside_the_standard_is_refused_and_changes_nothing(string term)
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 100");
        var error = Assert.Throws<ArgumentException>(() => dataset.SetCharacterSet("ISO_IR 144", term));
        Assert.Contains(term, error.Message, StringComparison.Ordinal);
        Assert.Equal("ISO_IR 100", dataset.GetText(Tags.SpecificCharacterSet));
    }

    [Fact]
    public void Texts_that_were_read_are_converted_also_in_items_without_a_set_of_their_own()
    {
        var inheriting = new DicomDataset();
        inheriting.Set(Tags.PatientName, Vr.PN, Sets.Bytes("J\u00E9r\u00F4me"));
        var declaring = new DicomDataset();
        declaring.SetCharacterSet("ISO_IR 144");
        declaring.Set(Tags.PatientName, Vr.PN, new byte[] { 0xBB });
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 100");
        dataset.Set(Tags.PatientName, Vr.PN, Sets.Bytes("J\u00E9r\u00F4me "));
        dataset.Set(Tags.PatientID, Vr.LO, "né");
        dataset.Set(Tags.Modality, Vr.CS, Sets.Bytes("\u00C9"));
        dataset.SetSequence(Tags.ReferencedStudySequence, inheriting, declaring);

        dataset.SetCharacterSet("ISO_IR 192");

        Assert.Equal("Jérôme", dataset.GetString(Tags.PatientName));
        Assert.Equal(Sets.Bytes("J\u00C3\u00A9r\u00C3\u00B4me "), dataset.GetBytes(Tags.PatientName).ToArray());
        Assert.Equal(Sets.Bytes("n\u00C3\u00A9"), dataset.GetBytes(Tags.PatientID).ToArray());
        Assert.Equal([0xC9], dataset.GetBytes(Tags.Modality).ToArray());
        Assert.Equal(Sets.Bytes("J\u00C3\u00A9r\u00C3\u00B4me"), inheriting.GetBytes(Tags.PatientName).ToArray());
        Assert.Equal([0xBB], declaring.GetBytes(Tags.PatientName).ToArray());
        Assert.Equal("Л", declaring.GetString(Tags.PatientName));
    }

    [Fact]
    public void A_text_that_cannot_be_converted_is_named_and_nothing_changes()
    {
        var dataset = new DicomDataset();
        dataset.SetCharacterSet("ISO_IR 144");
        dataset.Set(Tags.StudyDescription, Vr.LO, new byte[] { 0xBB });
        dataset.Set(Tags.PatientName, Vr.PN, new byte[] { 0xEE });

        var error = Assert.Throws<ArgumentException>(() => dataset.SetCharacterSet("ISO_IR 100"));

        Assert.Contains("(0008,1030)", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"Л\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(("ISO_IR 144", "Л", "ю"), (dataset.GetText(Tags.SpecificCharacterSet), dataset.GetString(Tags.StudyDescription),
            dataset.GetString(Tags.PatientName)));
    }
}
