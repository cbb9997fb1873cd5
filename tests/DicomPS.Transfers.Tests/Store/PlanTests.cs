using Microsoft.Data.Sqlite;

namespace DicomPS.Transfers.Tests.Store;

/// <summary>What workers ask every few seconds reads entries of an index, whatever else the store has.</summary>
public sealed class PlanTests(SqliteFixture fixture) : IClassFixture<SqliteFixture>
{
    public static TheoryData<string, string[]> Statements => new()
    {
        { Sql.TakeItem, ["item_next (transfer_id=?)"] },
        { Sql.TakeCheck, ["item_check (transfer_id=? AND due>? AND due<?)"] },
        { Sql.TakeEarly, ["item_check (transfer_id=? AND due>?)"] },
        { Sql.Promote, ["item_retry (transfer_id=? AND due>? AND due<?)"] },
        { Sql.Expired, ["item_lease (lease_until>? AND lease_until<?)"] },
        { Sql.Left, ["item_next (transfer_id=?)", "item_lease (lease_until>?)", "item_check (transfer_id=?", "item_retry (transfer_id=?"] },
        { Sql.RaisePriority, ["sqlite_autoindex_item_1 (transfer_id=? AND study_uid=?)"] },
        { Sql.Reopen, ["sqlite_autoindex_item_1 (transfer_id=? AND study_uid=?)"] },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task A_store_of_several_large_transfers_is_not_read_through(string statement, string[] indexes)
    {
        await using var store = await fixture.NewAsync();
        using var connection = (SqliteConnection)fixture.Connect(store.Address);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + new SqliteDialect(store.Address.Path!).Text(statement);
        foreach (var name in new[] { "transfer", "worker", "rows" }.Where(name => command.CommandText.Contains('@' + name)))
            command.Parameters.AddWithValue(name, 1);
        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read())
            plan.Add(reader.GetString(3));
        Assert.All(indexes, index => Assert.Contains(plan, step => step.Contains(index)));
        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN item") || step.StartsWith("SCAN i ") || step == "SCAN i");
    }
}
