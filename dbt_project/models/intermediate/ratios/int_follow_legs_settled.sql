{{ follow_legs(ref('int_follow_days_settled')) }}
