using DicomPS.Associations;

namespace DicomPS.Engine.Tests.Associations;

public class AssociationTableTests
{
    // PS3.8 table 9-10, typed state by state (the code has it event by event). What is not here is a cell without an entry.
    private static readonly Dictionary<int, string> ByState = new()
    {
        [1] = "1:AE-1>4 5:AE-5>2",
        [2] = "3:AA-1>13 4:AA-1>13 6:AE-6>3|13 10:AA-1>13 12:AA-1>13 13:AA-1>13 16:AA-2>1 17:AA-5>1 18:AA-2>1 19:AA-1>13",
        [3] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 7:AE-7>6 8:AE-8>13 10:AA-8>13 12:AA-8>13 13:AA-8>13 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [4] = "2:AE-2>5 15:AA-2>1 17:AA-4>1",
        [5] = "3:AE-3>6 4:AE-4>1 6:AA-8>13 10:AA-8>13 12:AA-8>13 13:AA-8>13 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [6] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 9:DT-1>6 10:DT-2>6 11:AR-1>7 12:AR-2>8 13:AA-8>13 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [7] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 10:AR-6>7 12:AR-8>9|10 13:AR-3>1 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [8] =
            "3:AA-8>13 4:AA-8>13 6:AA-8>13 9:AR-7>8 10:AA-8>13 12:AA-8>13 13:AA-8>13 14:AR-4>13 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [9] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 10:AA-8>13 12:AA-8>13 13:AA-8>13 14:AR-9>11 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [10] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 10:AA-8>13 12:AA-8>13 13:AR-10>12 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [11] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 10:AA-8>13 12:AA-8>13 13:AR-3>1 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [12] = "3:AA-8>13 4:AA-8>13 6:AA-8>13 10:AA-8>13 12:AA-8>13 13:AA-8>13 14:AR-4>13 15:AA-1>13 16:AA-3>1 17:AA-4>1 19:AA-8>13",
        [13] = "3:AA-6>13 4:AA-6>13 6:AA-7>13 10:AA-6>13 12:AA-6>13 13:AA-6>13 16:AA-2>1 17:AR-5>1 18:AA-2>1 19:AA-7>13",
    };

    public static TheoryData<int, int, string> Cells
    {
        get
        {
            var cells = new TheoryData<int, int, string>();
            foreach (var (state, text) in ByState)
            {
                var entries = text.Split(' ').Select(entry => entry.Split(':')).ToDictionary(entry => int.Parse(entry[0], null),
                    entry => entry[1]);
                for (var happened = 1; happened <= 19; happened++) cells.Add(state, happened, entries.GetValueOrDefault(happened, ""));
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_cell_is_as_in_the_standard(int state, int happened, string expected)
    {
        var cell = AssociationTable.Next((AssociationState)state, (UpperLayerEvent)happened);
        Assert.Equal(expected, cell is { } found ? Show(found) : "");
    }

    private static string Show(AssociationTransition cell)
    {
        var action = cell.Action.ToString().Insert(2, "-");
        return cell.Otherwise == cell.Next ? $"{action}>{(int)cell.Next}" : $"{action}>{(int)cell.Next}|{(int)cell.Otherwise}";
    }
}
