using DicomPS.Jobs;

namespace DicomPS.Engine.Tests.Jobs;

/// <summary>How many lines are used on lines and peers of every kind; time passes in a loop.</summary>
public class LineGrowthTests
{
    // A peer, and with how many of at most 64 lines a job ends up there after ten and after forty seconds.
    [Theory]
    // A long way: each line brings as much as the first.
    [InlineData("far", 64, 64)]
    // A server at hand that has no more to give however many ask.
    [InlineData("near", 1, 1)]
    // A narrow line that four fill.
    [InlineData("narrow", 4, 4)]
    // Six cores over there, then nothing more; 16 bring a little more than 4.
    [InlineData("six", 16, 16)]
    // Becomes slower the more ask.
    [InlineData("crowded", 1, 1)]
    public void A_job_ends_up_with_what_pays(string peer, int soon, int later)
    {
        var line = new Line(64, peer switch
        {
            "far" => n => 10 * n,
            "near" => _ => 1000,
            "narrow" => n => Math.Min(10 * n, 41),
            "six" => n => 50 * Math.Min(n, 6),
            _ => n => 100 / Math.Sqrt(n),
        });
        line.Run(10);
        Assert.Equal(soon, line.Growth.Allowed);
        line.Run(30);
        Assert.InRange(line.Growth.Allowed, later, 2 * later);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void It_never_says_more_than_the_most(int most)
    {
        var line = new Line(most, n => 10 * n);
        line.Run(60);
        Assert.Equal(most, line.Highest);
    }

    [Fact]
    public void On_a_long_way_it_is_there_within_two_seconds()
    {
        var line = new Line(64, n => 10 * n) { OpensIn = 0.3 };
        line.Run(2);
        Assert.Equal(64, line.Growth.Allowed);
    }

    [Fact]
    public void What_is_refused_is_not_asked_for_again_at_once_but_later()
    {
        var line = new Line(64, n => 10 * n) { Room = 5 };
        line.Run(20);
        Assert.Equal(5, line.Growth.Allowed);
        Assert.InRange(line.Refusals, 1, 3);
        line.Room = 64;
        line.Run(120);
        Assert.InRange(line.Growth.Allowed, 10, 64);
    }

    [Fact]
    public void Lines_that_open_and_are_not_served_are_not_counted_on()
    {
        var line = new Line(64, n => 10 * Math.Min(n, 4)) { Served = 4 };
        line.Run(30);
        Assert.Equal(4, line.Growth.Allowed);
    }

    [Fact]
    public void A_peer_that_becomes_slower_gets_fewer()
    {
        var load = 1.0;
        var line = new Line(16, n => 10 * n * load);
        line.Run(10);
        Assert.Equal(16, line.Growth.Allowed);
        load = 0.1;
        line.Run(6);
        Assert.Equal(8, line.Growth.Allowed);
        load = 0.01;
        line.Run(6);
        Assert.Equal(4, line.Growth.Allowed);
    }

    [Fact]
    public void A_moment_without_anything_does_not_end_the_growth()
    {
        var now = 0.0;
        var line = new Line(64, n => now is > 0.5 and < 0.8 ? 1 : 10 * n) { Passed = at => now = at };
        line.Run(6);
        Assert.Equal(64, line.Growth.Allowed);
    }

    [Fact]
    public void Where_nothing_waits_for_a_further_line_none_is_added()
    {
        var line = new Line(64, n => 10 * n) { HasMore = false };
        line.Run(30);
        Assert.Equal(1, line.Growth.Allowed);
    }

    [Fact]
    public void Large_files_count_by_their_bytes()
    {
        // Two files a minute: no window has as many as it would need.
        var line = new Line(8, n => n / 30.0) { BytesPerItem = 300_000_000 };
        line.Run(60);
        Assert.Equal(8, line.Growth.Allowed);
    }

    /// <summary>A peer that does so many items a second over so many lines, and lines that take their time to open.</summary>
    private sealed class Line(int most, Func<int, double> rate)
    {
        private const double Tick = 0.025;
        private readonly List<double> _openAt = [];
        private double _now, _items;

        public LineGrowth Growth { get; } = new(most);

        public double OpensIn { get; init; } = 0.1;

        public int Room { get; set; } = int.MaxValue;

        public int Served { get; init; } = int.MaxValue;

        public bool HasMore { get; init; } = true;

        public long BytesPerItem { get; init; } = 5000;

        public Action<double>? Passed { get; init; }

        public int Highest { get; private set; }

        public int Refusals { get; private set; }

        public void Run(double seconds)
        {
            for (var end = _now + seconds; _now < end; _now += Tick)
            {
                Passed?.Invoke(_now);
                while (_openAt.Count > Growth.Allowed)
                    _openAt.RemoveAt(_openAt.Count - 1);
                while (_openAt.Count < Growth.Allowed)
                    _openAt.Add(_now + OpensIn);
                var open = Math.Min(_openAt.Count(at => at <= _now), Served);
                if (open > Room)
                {
                    Refusals++;
                    Growth.Refuse(At, Room);
                    continue;
                }

                _items += open > 0 ? rate(open) * Tick : 0;
                Growth.Observe(new LineSample(At, (long)_items, (long)(_items * BytesPerItem), open, HasMore));
                Highest = Math.Max(Highest, Growth.Allowed);
            }
        }

        private TimeSpan At => TimeSpan.FromSeconds(_now);
    }
}
