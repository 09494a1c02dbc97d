"""Why a plan is as it is: true and complete reasons, with the money behind them."""
