"""Working days in China with 调休: which days count when a time limit is given in working days."""

from alerting.calendar.workdays import SHANGHAI, Calendar, Year

__all__ = ["SHANGHAI", "Calendar", "Year"]
