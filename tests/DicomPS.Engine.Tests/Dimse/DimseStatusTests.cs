using DicomPS.Dictionary;
using DicomPS.Dimse;

namespace DicomPS.Engine.Tests.Dimse;

public class DimseStatusTests
{
    public static IEnumerable<TheoryDataRow<StatusTable, int, int, string, string>> Rows() =>
        Statuses.All.Select(s => new TheoryDataRow<StatusTable, int, int, string, string>(s.Table, s.First, s.Last, s.Category, s.Meaning));

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_of_the_table_is_told_by_its_first_and_last_code(StatusTable table, int first, int last, string category,
        string meaning)
    {
        foreach (var code in new[] { first, last })
        {
            var said = DimseStatus.Describe(table, (ushort)code);
            Assert.Equal(category, said.Category.ToString());
            if (meaning.Length > 0)
                Assert.Equal(meaning, said.Meaning);
        }
    }

    [Theory]
    [InlineData(StatusTable.Storage, 0x0000, "Success")]
    [InlineData(StatusTable.Storage, 0xA700, "Failure: Refused: Out of Resources")]
    [InlineData(StatusTable.Storage, 0x0124, "Failure: Refused: Not Authorised")]
    [InlineData(StatusTable.Storage, 0xB123, "Warning: Unknown status")]
    [InlineData(StatusTable.Storage, 0x4321, "Failure: Unknown status")]
    [InlineData(StatusTable.QrFind, 0xFE00, "Cancel")]
    [InlineData(StatusTable.General, 0xFF00, "Pending: Unknown status")]
    public void A_status_reads_as_kind_and_meaning(StatusTable table, int code, string expected) =>
        Assert.Equal(expected, DimseStatus.Describe(table, (ushort)code).ToString());
}
