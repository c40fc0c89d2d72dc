"""The day on which what remains was counted, and the years since then that nobody observed."""

from datetime import date

from pandas import DataFrame, Timestamp


def dated(trajectory: DataFrame, *, budget_years: tuple[int, int], on: date) -> DataFrame:
    """Add to a trajectory the years gone by that it does not know of.

    What they consumed is in no flow yet: it is not taken off what remains.

    Parameters
    ----------
    trajectory
        Result of :func:`trajectory`.
    budget_years
        First and last flow of the budget.
    on
        Day of the account.

    Returns
    -------
    DataFrame
        Rows of ``trajectory`` with ``unobserved_years`` (begun by that day, in the budget, after the
        last observed flow) and ``counted_on`` (that day).

    Examples
    --------
    Flows known up to 2022, read in November 2026: 2023, 2024, 2025 and 2026 are unknown.

    >>> from artois_geo.zan import dated
    >>> from datetime import date
    >>> from pandas import DataFrame
    >>> observed = DataFrame({"last_observed_year": [2022]})
    >>> row = dated(observed, budget_years=(2021, 2030), on=date(2026, 11, 30)).iloc[0]
    >>> int(row["unobserved_years"])
    4
    """
    last_begun_year = min(on.year, budget_years[1])
    dated_table = trajectory.assign(counted_on=Timestamp(on))
    unobserved_years = (last_begun_year - trajectory["last_observed_year"]).clip(lower=0).astype(int)
    position = trajectory.columns.tolist().index("last_observed_year") + 1
    dated_table.insert(position, "unobserved_years", unobserved_years)
    return dated_table


def observed_until(last_observed_year: int) -> date:
    """Return the day up to which the flows are known: the 1 January that ends the last of them.

    Examples
    --------
    >>> str(observed_until(2022))
    '2023-01-01'
    """
    return date(last_observed_year + 1, 1, 1)
